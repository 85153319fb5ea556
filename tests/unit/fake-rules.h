/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake-rules.h: a table of rules for the tests of what stands above the rules.
 *
 * Linked before the library, it takes the place of milter/engine/rule-table.c. Each rule but the
 * last four looks for one field whose value is "bad":
 *
 *   GOOD         X-Good     mended properly
 *   AGAIN        X-Again    mended badly: it is found again
 *   SPREADS      X-Spreads  its repair makes a WORSE
 *   LOSES        X-Loses    its repair deletes another field
 *   DROPS        X-Drops    mended properly, and says that three things are gone for good
 *   GROWS        X-Grows    its repair passes the limit of growth
 *   UNSURE       X-Unsure   its repair would be a guess
 *   REPORTS      X-Reports  has no repair
 *   FAILS        X-Fails    its repair ends in an internal error
 *   WORSE        any field with the value "worse"
 *   REMARK       a notice: field X-Remark; its repair deletes it
 *   BODY         the content of a leaf begins with "bad": encoded
 *   MISSING_DATE_HEADER  no Date: added
 */
#pragma once

#include <mailmend/rule.h>

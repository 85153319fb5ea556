#!/usr/bin/env php
<?php
// SPDX-License-Identifier: BSD-2-Clause
// PHPMailer and PHP's mail(): what goes wrong, and the cure at the source.
//
//     send.php broken|cured
//
// Each message goes to NAME@example.net, to the server in MAIL_HOST and MAIL_PORT, or to PHP's
// sendmail_path.

use PHPMailer\PHPMailer\PHPMailer;

// Composer's, or that of a distribution.
require is_file('vendor/autoload.php') ? 'vendor/autoload.php' : 'libphp-phpmailer/autoload.php';

const UNSUBSCRIBE = '<https://shop.example.com/unsubscribe/0123456789abcdef0123456789abcdef>';
const ID = '<4711.0123456789abcdef0123456789abcdef0123456789@mail.example.org>';

function message_to(string $name): PHPMailer
{
    $mail = new PHPMailer(true);
    $mail->isSMTP();
    $mail->Host = getenv('MAIL_HOST');
    $mail->Port = (int) getenv('MAIL_PORT');
    $mail->setFrom('shop@example.com');
    $mail->addAddress("$name@example.net");
    $mail->CharSet = PHPMailer::CHARSET_UTF8;
    $mail->Subject = 'Ihre Bestellung für März';
    $mail->Body = "Grüße aus Köln\n";

    return $mail;
}

// Text that is not ASCII goes out as 8bit, which not every server on the way takes.
function eight_bit_broken(): void
{
    message_to('eight-bit')->send();
}

function eight_bit_cured(): void
{
    $mail = message_to('eight-bit');
    $mail->Encoding = PHPMailer::ENCODING_QUOTED_PRINTABLE;
    $mail->send();
}

// With mail() or sendmail(1) PHPMailer encodes every field that is longer than it likes, ids too.
function references_broken(): void
{
    $mail = message_to('references');
    $mail->isMail();
    $mail->addCustomHeader('In-Reply-To', ID);
    $mail->addCustomHeader('References', '<1@example.com> ' . ID);
    $mail->addCustomHeader('List-Unsubscribe', UNSUBSCRIBE);
    $mail->Encoding = PHPMailer::ENCODING_QUOTED_PRINTABLE;
    $mail->send();
}

// Over SMTP it does not.
function references_cured(): void
{
    $mail = message_to('references');
    $mail->isSMTP();
    $mail->addCustomHeader('In-Reply-To', ID);
    $mail->addCustomHeader('References', '<1@example.com> ' . ID);
    $mail->addCustomHeader('List-Unsubscribe', UNSUBSCRIBE);
    $mail->Encoding = PHPMailer::ENCODING_QUOTED_PRINTABLE;
    $mail->send();
}

// mail() adds nothing and encodes nothing: that is all up to the caller.
function mail_function_broken(): void
{
    mail('mail-function@example.net', 'Ihre Bestellung für März', "Grüße aus Köln\n",
        ['From' => 'shop@example.com']);
}

function mail_function_cured(): void
{
    $mail = message_to('mail-function');
    $mail->Encoding = PHPMailer::ENCODING_QUOTED_PRINTABLE;
    $mail->send();
}

if ($argc !== 2 || !in_array($argv[1], ['broken', 'cured'], true)) {
    fwrite(STDERR, "send.php broken|cured\n");
    exit(2);
}
foreach (['eight_bit', 'references', 'mail_function'] as $name) {
    ("{$name}_{$argv[1]}")();
}

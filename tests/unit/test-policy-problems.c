/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test-policy-problems.c: what is wrong with a configuration file.
 */
#include <errno.h>

#include "policy-load.h"

#define BAD_NAME ": letters, digits, '.', '_' and '-' only, at most 64\n"
#define MALFORMED ": malformed line: neither [section] nor Key = value"
#define COMMENT ": a comment needs a line of its own, here it would belong to the value\n"

#define NO_NUMBER " is no number: digits only\n"
#define NO_SIZE " is no size: digits, then nothing, K, M or G\n"
#define NO_TIME " is no time: digits, then nothing, s, m, h or d\n"

typedef struct {
	const char *label;
	const char *input;
	const char *want;
} ProblemCase;

static const ProblemCase form_cases[] = {
	{"empty", "", ""},
	{"comments only", "# a\n\n   # b\n\t\n", ""},
	{"comment in another charset", "# caf\xe9\n", ""},
	{"CRLF, blanks, no last line end",
	 "[mailmend]\r\n  DryRun=yes  \r\n[ default ]\r\nPolicy = off",
	 ""},
	{"unknown section", "[polcy x]\nFix = ALL\n[]\n",
	 "conf:1: unknown section 'polcy'; did you mean policy?\n"
	 "conf:3: unknown section ''\n"},
	{"reserved for tables", "[policy TABLE]\n[policy Table]\n[rule TABLE]\nPolicy = off\n",
	 "conf:1: no policy can be called 'TABLE': Policy = TABLE asks a table\n"},
	{"letter case of a section", "[Default]\n",
	 "conf:1: unknown section 'Default'; did you mean default?\n"},
	{"names", "[rule]\n[mailmend x]\n[policy a b]\n[rule default]\n[policy off]\n",
	 "conf:1: the section needs a name: [rule NAME]\n"
	 "conf:2: [mailmend] takes no name\n"
	 "conf:3: bad name 'a b'" BAD_NAME
	 "conf:4: no rule can be called 'default': that is [default]\n"
	 "conf:5: the policy 'off' cannot be changed\n"},
	{"section lines", "[mailmend\n[mailmend] # x\n",
	 "conf:1: malformed line: ']' is missing\n"
	 "conf:2: malformed line: nothing may follow ']'\n"},
	{"duplicate section, its keys are still judged",
	 "[default]\nPolicy = off\n[default]\nPolicy = watch\nDryRun = maybe\n",
	 "conf:3: duplicate section [default]: it began at line 1\n"
	 "conf:4: duplicate key 'Policy' in [default]: it stands at line 2\n"
	 "conf:5: DryRun: 'maybe' is none of yes, no\n"},
	{"duplicate key", "[mailmend]\nDryRun = no\nDryRun = no\n",
	 "conf:3: duplicate key 'DryRun' in [mailmend]: it stands at line 2\n"},
	{"same key in two sections", "[policy a]\nFix = ALL\n[policy b]\nFix = ALL\n", ""},
	{"same name of policy and rule", "[policy a]\n[rule a]\nPolicy = a\n", ""},
	{"unknown key", "[mailmend]\nSokcet = x\nXyzzy = 1\nsocket = x\n",
	 "conf:2: unknown key 'Sokcet' in [mailmend]; did you mean Socket?\n"
	 "conf:3: unknown key 'Xyzzy' in [mailmend]\n"
	 "conf:4: unknown key 'socket' in [mailmend]; did you mean Socket?\n"},
	{"key of another section", "[mailmend]\nSasl = yes\n[default]\nFix = ALL\n",
	 "conf:2: unknown key 'Sasl' in [mailmend]; it belongs in [rule NAME]\n"
	 "conf:4: unknown key 'Fix' in [default]; it belongs in [policy NAME]\n"},
	{"key before a section", "DryRun = no\n[mailmend]\n",
	 "conf:1: a key stands before the first [section]\n"},
	{"malformed lines",
	 "[mailmend]\nDryRun\n= no\n; DryRun = no\n[rule a]\nPolicy=off\n  ::1\n",
	 "conf:2" MALFORMED "\n"
	 "conf:3" MALFORMED "\n"
	 "conf:4" MALFORMED "; comments begin with '#'\n"
	 "conf:7" MALFORMED "; a value cannot go on over several lines\n"},
	{"BOM", "\xEF\xBB\xBF[mailmend]\nDryRun = no\n",
	 "conf:1: the file begins with a byte order mark (BOM)\n"},
	{"octets", "[mailmend]\nUser = \x01\nUser = caf\xe9\nUser = a\rb\n",
	 "conf:2: control character\n"
	 "conf:3: the line is not valid UTF-8\n"
	 "conf:4: control character\n"},
	{"comment behind a value", "[mailmend]\nDryRun = no # yet\nUser = #x\n",
	 "conf:2: DryRun" COMMENT
	 "conf:3: User" COMMENT},
	{"no comment", "[mailmend]\nUser = a#b\n[policy x]\nDescription = ticket #12\n", ""},
	{"a problem in every pass, in the order of lines",
	 "[rule a]\nPolicy = wach\nnonsense\n[mailmend]\nDeadline = soon\n[rule b]\n",
	 "conf:2: Policy: unknown policy 'wach'; did you mean watch?\n"
	 "conf:3" MALFORMED "\n"
	 "conf:5: Deadline: 'soon'" NO_TIME
	 "conf:6: [rule b] has no Policy\n"},
};

static const ProblemCase setting_cases[] = {
	{"good ones", "[mailmend]\nSocket = inet:8891@127.0.0.1\nSocketMode = 666\n"
	 "SocketGroup = postfix\nUser = mailmend\nLogTo = /var/log/x\nLogFacility = local3\n"
	 "LogMessages = issues\nOnInternalError = quarantine\nOnOversize = Reject\n"
	 "MaxMessageSize = 10m\nMessageSizeLimit = 0\nDeadline = 1m\nHostname = mx.example.com\n"
	 "TrustedClients = 127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128, 10.0.0.0/8,!10.0.0.1\n",
	 ""},
	{"empty",
	 "[mailmend]\nSocket =\nDryRun=\nTrustedClients =\n[policy p]\nFix =\nCharsets =\n",
	 "conf:2: Socket: the value is missing\n"
	 "conf:3: DryRun: the value is missing\n"},
	{"sockets", "[mailmend]\nSocket = /run/x\n",
	 "conf:2: Socket: '/run/x' does not begin with local:, unix:, inet: or inet6:\n"},
	{"socket path", "[mailmend]\nSocket = local:run/x\n",
	 "conf:2: Socket: after local: comes an absolute path of at most 107 bytes, "
	 "not as in 'local:run/x'\n"},
	{"socket port", "[mailmend]\nSocket = inet:65536@localhost\n",
	 "conf:2: Socket: after inet: comes PORT@HOST with a port from 1 to 65535, "
	 "not as in 'inet:65536@localhost'\n"},
	{"socket without host", "[mailmend]\nSocket = inet6:8891\n",
	 "conf:2: Socket: after inet6: comes PORT@HOST with a port from 1 to 65535, "
	 "not as in 'inet6:8891'\n"},
	{"words", "[mailmend]\nUser = a b\nLogTo = sylog\nLogFacility = mial\nLogMessages = some\n"
	 "OnOversize = acept\nDryRun = true\n",
	 "conf:2: User: 'a b' is no name\n"
	 "conf:3: LogTo: 'sylog' is not syslog, stderr or an absolute path; "
	 "did you mean syslog?\n"
	 "conf:4: LogFacility: 'mial' is none of mail, daemon, user, auth, authpriv, syslog, "
	 "local0, local1, local2, local3, local4, local5, local6, local7; did you mean mail?\n"
	 "conf:5: LogMessages: 'some' is none of all, issues, off\n"
	 "conf:6: OnOversize: 'acept' is none of accept, tempfail, reject, quarantine; "
	 "did you mean accept?\n"
	 "conf:7: DryRun: 'true' is none of yes, no\n"},
	{"numbers", "[mailmend]\nSocketMode = 0888\nMaxMessageSize = 0\nMessageSizeLimit = -1\n"
	 "Deadline = 2h\n[policy p]\nLineLimit = 75\n[policy q]\nLineLimit = 998K\n"
	 "MaxMimeDepth = 100\nMaxMimeParts = 0\n",
	 "conf:2: SocketMode: '0888' is no octal mode such as 0660\n"
	 "conf:3: MaxMessageSize: '0' is not between 1 and 1073741824 octets\n"
	 "conf:4: MessageSizeLimit: '-1'" NO_SIZE
	 "conf:5: Deadline: '2h' is not between 1 and 3600 seconds\n"
	 "conf:7: LineLimit: '75' is not between 76 and 100000\n"
	 "conf:9: LineLimit: '998K'" NO_NUMBER
	 "conf:10: MaxMimeDepth: '100' is not between 1 and 99\n"
	 "conf:11: MaxMimeParts: '0' is not between 1 and 999\n"},
	{"overflow", "[mailmend]\nMaxMessageSize = 17179869185G\nDeadline = 99999999999999999999\n",
	 "conf:2: MaxMessageSize: '17179869185G' is not between 1 and 1073741824 octets\n"
	 "conf:3: Deadline: '99999999999999999999' is not between 1 and 3600 seconds\n"},
	{"forms of numbers", "[mailmend]\nDeadline = 20 s\nMaxMessageSize = 64MB\n[policy p]\n"
	 "LineLimit = -99999999999999999999\n",
	 "conf:2: Deadline: '20 s'" NO_TIME
	 "conf:3: MaxMessageSize: '64MB'" NO_SIZE
	 "conf:5: LineLimit: '-99999999999999999999'" NO_NUMBER},
	{"times", "[mailmend]\nDeadline = 10ms\nKeepOriginalsAge = 30s\nMxWait = 2S\n"
	 "[default]\n[mailmend]\nMxWait = 1s\n[policy p]\nLineLimit = 1s\n",
	 "conf:2: Deadline: '10ms'" NO_TIME
	 "conf:3: KeepOriginalsAge: '30s' is not between 60 and 315360000 seconds\n"
	 "conf:4: MxWait: '2S' is not between 0 and 1000 milliseconds\n"
	 "conf:6: duplicate section [mailmend]: it began at line 1\n"
	 "conf:7: duplicate key 'MxWait' in [mailmend]: it stands at line 4\n"
	 "conf:9: LineLimit: '1s'" NO_NUMBER},
	{"milliseconds", "[mailmend]\nMxWait = ms\n",
	 "conf:2: MxWait: 'ms' is no time: digits, then nothing, ms or s\n"},
	{"words of policies", "[mailmend]\nMxUnknown = yes\nKeepOriginals = originals\n"
	 "[policy p]\nEmbedded = mend\nOnUnfixable = quarantine\nOnOversize = no\n"
	 "TraceHeader = x\n",
	 "conf:2: MxUnknown: 'yes' is none of nomatch, match\n"
	 "conf:3: KeepOriginals: 'originals' is not an absolute path\n"
	 "conf:5: Embedded: 'mend' is none of report, fix, all\n"
	 "conf:6: OnUnfixable: 'quarantine' is none of log, reject, tempfail\n"
	 "conf:7: OnOversize: 'no' is none of accept, tempfail, reject, quarantine\n"
	 "conf:8: TraceHeader: 'x' is none of yes, no\n"},
	{"host names", "[mailmend]\nHostname = mx..example\n[policy p]\nDefaultCharset = utf-9\n",
	 "conf:2: Hostname: 'mx..example' is no host name\n"
	 "conf:4: DefaultCharset: 'utf-9' is no charset known here\n"},
	{"charsets", "[policy p]\nCharsets = utf-8, , koi8-r\n[policy q]\n"
	 "Charsets = us-ascii//TRANSLIT\n",
	 "conf:2: Charsets: '' is no charset known here\n"
	 "conf:4: Charsets: 'us-ascii//TRANSLIT' is no charset known here\n"},
};

#define CODE " is no code such as 552 5.6.0 (5xx, 5.x.x)\n"
#define STANDS " stands for nothing; %L: the labels, %Q: the queue id, %%: a percent sign\n"
#define SERVER " is no address of a name server\n"
#define LISTEN " is no address with a port, such as 127.0.0.1:9894 or [::1]:9894\n"

/* Each is the value of RejectCode, RejectText, MxServers or MetricsListen. */
static const struct {
	const char *key;
	const char *value;
	const char *want; /* behind "KEY: "; NULL: good */
} reply_cases[] = {
	{"RejectCode", "552 5.6.0", NULL},
	{"RejectCode", "599 \t 5.999.10", NULL},
	{"RejectCode", "552", "'552'" CODE},
	{"RejectCode", "5.6.0", "'5.6.0'" CODE},
	{"RejectCode", "451 4.3.0", "'451 4.3.0'" CODE},
	{"RejectCode", "552 4.6.0", "'552 4.6.0'" CODE},
	{"RejectCode", "600 5.6.0", "'600 5.6.0'" CODE},
	{"RejectCode", "0552 5.6.0", "'0552 5.6.0'" CODE},
	{"RejectCode", "+52 5.6.0", "'+52 5.6.0'" CODE},
	{"RejectCode", "5522 5.6.0", "'5522 5.6.0'" CODE},
	{"RejectCode", "552 5.6", "'552 5.6'" CODE},
	{"RejectCode", "552 5.6.", "'552 5.6.'" CODE},
	{"RejectCode", "552 5.6.0.1", "'552 5.6.0.1'" CODE},
	{"RejectCode", "552 5.06.0", "'552 5.06.0'" CODE},
	{"RejectCode", "552 5.6.1000", "'552 5.6.1000'" CODE},
	{"RejectCode", "552 55.6.0", "'552 55.6.0'" CODE},
	{"RejectCode", "552 5.6.0 no", "'552 5.6.0 no'" CODE},
	{"RejectText", "100%% of %Q: %L # really", NULL},
	{"RejectText", "%l", "'%l'" STANDS},
	{"RejectText", "50 % more", "'% '" STANDS},
	{"RejectText", "all of %", "'%'" STANDS},
	{"RejectText", "%%%", "'%'" STANDS},
	{"RejectText", "%%%%L%LL", NULL},
	{"RejectText", "%s%n", "'%s'" STANDS},
	{"RejectText", "%\xc3\xbc", "only printable ASCII can be sent\n"},
	{"RejectText", "\xc3\xbc", "only printable ASCII can be sent\n"},
	{"RejectText", "a\tb", "only printable ASCII can be sent\n"},
	{"RejectText", "", "the value is missing\n"},
	{"QuarantineText", "%R", "'%R'" STANDS},
	{"MxServers", "192.0.2.53", NULL},
	{"MxServers", "192.0.2.53:5353 ,2001:db8::53, [2001:db8::53], [::1]:53", NULL},
	{"MxServers", "192.0.2.53:0", "'192.0.2.53:0'" SERVER},
	{"MxServers", "192.0.2.53:65536", "'192.0.2.53:65536'" SERVER},
	{"MxServers", "192.0.2.053", "'192.0.2.053'" SERVER},
	{"MxServers", "192.0.2", "'192.0.2'" SERVER},
	{"MxServers", "192.0.2.53 192.0.2.54", "'192.0.2.53 192.0.2.54'" SERVER},
	{"MxServers", "192.0.2.53,", "''" SERVER},
	{"MxServers", ":53", "':53'" SERVER},
	{"MxServers", "[192.0.2.53]:53", "'[192.0.2.53]:53'" SERVER},
	{"MxServers", "[::1]:", "'[::1]:'" SERVER},
	{"MxServers", "[::1", "'[::1'" SERVER},
	{"MxServers", "fe80::1%eth0", "'fe80::1%eth0'" SERVER},
	{"MxServers", "dns.example", "'dns.example'" SERVER},
	{"MetricsListen", "192.0.2.53:1", NULL},
	{"MetricsListen", "[2001:db8::53]:65535", NULL},
	{"MetricsListen", "[::]:9894", NULL},
	{"MetricsListen", "192.0.2.53", "'192.0.2.53'" LISTEN},
	{"MetricsListen", "[::1]", "'[::1]'" LISTEN},
	{"MetricsListen", "::1", "'::1'" LISTEN},
	{"MetricsListen", ":9894", "':9894'" LISTEN},
	{"MetricsListen", "9894", "'9894'" LISTEN},
	{"MetricsListen", "*:9894", "'*:9894'" LISTEN},
	{"MetricsListen", "localhost:9894", "'localhost:9894'" LISTEN},
	{"MetricsListen", "127.0.0.1:0", "'127.0.0.1:0'" LISTEN},
	{"MetricsListen", "127.0.0.1:65536", "'127.0.0.1:65536'" LISTEN},
	{"MetricsListen", "127.0.0.1:80,127.0.0.1:81", "'127.0.0.1:80,127.0.0.1:81'" LISTEN},
};

static const ProblemCase label_cases[] = {
	{"lists",
	 "[policy p]\nFix = ALL | !LINE_TOO_LONG|! INVALID_DATE\nReject=LINE_TOO_LONG\n", ""},
	{"unknown", "[policy p]\nFix = MISING_DATE_HEADER | XYZZY | all\nLog = LINE\n",
	 "conf:2: Fix: unknown label or group 'MISING_DATE_HEADER'; "
	 "did you mean MISSING_DATE_HEADER?\n"
	 "conf:2: Fix: unknown label or group 'XYZZY'\n"
	 "conf:2: Fix: unknown label or group 'all'; did you mean ALL?\n"
	 "conf:3: Log: unknown label or group 'LINE'; did you mean LINES?\n"},
	{"separators", "[policy p]\nFix = NUL_BYTE, LINE_TOO_LONG\nLog = ALL | | LINES\n",
	 "conf:2: Fix: 'NUL_BYTE, LINE_TOO_LONG' is not one label; they are separated by '|'\n"
	 "conf:3: Log: a label is missing\n"},
	{"nothing to take from", "[policy p]\nFix = !NUL_BYTE\n",
	 "conf:2: Fix: '!NUL_BYTE' stands first and has nothing to be taken from; "
	 "write ALL | !NUL_BYTE\n"},
	{"two lists", "[policy p]\nReject = NUL_BYTE\nFix = LINE_TOO_LONG | NUL_BYTE\n",
	 "conf:3: NUL_BYTE stands in both Fix and Reject\n"},
	{"two lists, taken away again",
	 "[policy p]\nReject = NUL_BYTE | ALL | !NUL_BYTE\nFix = NUL_BYTE\n", ""},
	{"a list of a built-in policy is no second list",
	 "[policy microsoft365]\nReject = NUL_BYTE\n", ""},
};

#define BELOW "; write '.b.example' for it and all below\n"
#define NO_TABLE " is a table, and no table is taken here, nor one of Postfix: write the networks " \
	"that are in it\n"

static const ProblemCase rule_cases[] = {
	{"good ones", "[rule a]\nPolicy = off\nDryRun = yes\n"
	 "Sender = a@b.example, @b.example, .b.example, <>, !\"x y\"@[192.0.2.1]\n"
	 "SenderDomain = b.example, .c.example, !d.c.example\nHeaderFrom = !@m\xc3\xbcll.example\n"
	 "Client = 10.0.0.0/8, 192.0.2.1, 2001:db8::/32, [::1], TRUSTED, !10.1.0.0/16\n"
	 "Sasl = yes\nSaslUser = bob, alice\nLocal = no\nFirstHop = no\n", ""},
	{"policies", "[rule a]\nPolicy = micosoft365\n[rule b]\nSasl = yes\n[rule c]\nPolicy =\n"
	 "[default]\nPolicy = nothing\n",
	 "conf:2: Policy: unknown policy 'micosoft365'; did you mean microsoft365?\n"
	 "conf:3: [rule b] has no Policy\n"
	 "conf:6: Policy: the value is missing\n"
	 "conf:8: Policy: unknown policy 'nothing'\n"},
	{"own policies are known wherever they stand",
	 "[rule a]\nPolicy = mine\n[rule b]\nPolicy = mone\n[policy mine]\n",
	 "conf:4: Policy: unknown policy 'mone'; did you mean mine?\n"},
	{"networks",
	 "[rule a]\nPolicy = off\nClient = 10.0.0.1/8, 300.1.1.1, 10.0.0.0/33, ::1/129, "
	 "2001:db8::1/32, 10.1, ::ffff:10.0.0.1/104, !, 10.0.0.0/, fe80::1%eth0\n",
	 "conf:3: Client: '10.0.0.1/8' has host bits set; the network is 10.0.0.0/8\n"
	 "conf:3: Client: '300.1.1.1' is no address or network\n"
	 "conf:3: Client: '10.0.0.0/33' is no address or network\n"
	 "conf:3: Client: '::1/129' is no address or network\n"
	 "conf:3: Client: '2001:db8::1/32' has host bits set; the network is 2001:db8::/32\n"
	 "conf:3: Client: '10.1' is no address or network\n"
	 "conf:3: Client: '::ffff:10.0.0.1/104' has host bits set; the network is 10.0.0.0/8\n"
	 "conf:3: Client: a value is missing\n"
	 "conf:3: Client: '10.0.0.0/' is no address or network\n"
	 "conf:3: Client: 'fe80::1%eth0' is no address or network\n"},
	{"clients without a value", "[rule a]\nPolicy = off\nClient = ,\n",
	 "conf:3: Client: a value is missing\n"},
	{"host names", "[rule a]\nPolicy = off\nClient = mail.example.com, TRUSTD\n"
	 "[mailmend]\nTrustedClients = TRUSTED\n",
	 "conf:3: Client: 'TRUSTD' is no address, network or full host name; "
	 "did you mean TRUSTED?\n"
	 "conf:5: TrustedClients: the host name 'TRUSTED' is not supported, only addresses are\n"},
	{"addresses",
	 "[rule a]\nPolicy = off\nSender = b.example, bob, <a@b.example>, @, a b@c, a@,\n"
	 "HeaderFrom = <>\nSenderDomain = @b.example, b..example, .\n",
	 "conf:3: Sender: 'b.example' is no address; a domain is written @domain\n"
	 "conf:3: Sender: 'bob' is no address; a domain is written @domain\n"
	 "conf:3: Sender: '<a@b.example>' is no address; it stands without < and >\n"
	 "conf:3: Sender: '@' is no address\n"
	 "conf:3: Sender: 'a b@c' is no address\n"
	 "conf:3: Sender: 'a@' is no address\n"
	 "conf:3: Sender: a value is missing\n"
	 "conf:4: HeaderFrom: '<>' is no address; <> is for Sender only\n"
	 "conf:5: SenderDomain: '@b.example' stands without its '@' here\n"
	 "conf:5: SenderDomain: 'b..example' is no domain\n"
	 "conf:5: SenderDomain: '.' is no domain\n"},
	{"stars", "[rule a]\nPolicy = off\nSender = *@b.example, *@*.b.example, @*.b.example, "
	 "*.b.example, a*b@b.example\nSenderDomain = *.b.example\nRecipientMx = *.b.example\n"
	 "Client = *.b.example\n",
	 "conf:3: Sender: '*@b.example' is no address; write '@b.example'\n"
	 "conf:3: Sender: '*@*.b.example' is no address" BELOW
	 "conf:3: Sender: '@*.b.example' is no address" BELOW
	 "conf:3: Sender: '*.b.example' is no address" BELOW
	 "conf:4: SenderDomain: '*.b.example' is no domain" BELOW
	 "conf:5: RecipientMx: '*.b.example' is no host name" BELOW
	 "conf:6: Client: '*.b.example' is no address or network" BELOW},
	{"tables of Postfix", "[mailmend]\nTrustedClients = 127.0.0.0/8, hash:/etc/nets !cidr:/x\n",
	 "conf:2: TrustedClients: 'hash:/etc/nets'" NO_TABLE
	 "conf:2: TrustedClients: 'cidr:/x'" NO_TABLE},
	{"yes or no",
	 "[rule a]\nPolicy = off\nSasl = !yes\nLocal = 1\nFirstHop = nope\nSaslUser =\n",
	 "conf:3: Sasl: '!yes' is none of yes, no\n"
	 "conf:4: Local: '1' is none of yes, no\n"
	 "conf:5: FirstHop: 'nope' is none of yes, no\n"
	 "conf:6: SaslUser: the value is missing\n"},
};

/* Warnings are test-policy-warnings.c's. */
static void
run_problems (const ProblemCase *cases, guint n)
{
	for (guint i = 0; i < n; i++) {
		g_autofree char *problems = NULL;
		g_autoptr (MmConfig) config = NULL;

		g_test_message ("%s", cases[i].label);
		config = load_bytes (cases[i].input, -1, &problems);
		if (config != NULL)
			g_assert_cmpstr (cases[i].want, ==, "");
		else
			g_assert_cmpstr (problems, ==, cases[i].want);
	}
}

static void
test_form (void)
{
	run_problems (form_cases, G_N_ELEMENTS (form_cases));
}

static void
test_settings_problems (void)
{
	run_problems (setting_cases, G_N_ELEMENTS (setting_cases));
}

static void
test_replies (void)
{
	g_autofree char *longest = g_strnfill (400, 'x');
	g_autofree char *text = g_strdup_printf ("[policy p]\nRejectText = %s\n", longest);
	g_autofree char *longer = g_strdup_printf ("[policy p]\nRejectText = %sx\n", longest);
	g_autoptr (MmConfig) good = load (text);
	g_autofree char *too_long = NULL;

	g_assert_cmpstr (mm_config_policy (good, "p")->reject_text, ==, longest);
	g_assert_null (load_bytes (longer, -1, &too_long));
	g_assert_cmpstr (too_long, ==, "conf:2: RejectText: longer than 400 characters\n");
	for (guint i = 0; i < G_N_ELEMENTS (reply_cases); i++) {
		const char *key = reply_cases[i].key;
		gboolean global = g_str_equal (key, "MxServers") ||
		                  g_str_equal (key, "MetricsListen");
		g_autofree char *input = g_strdup_printf ("[%s]\n%s = %s\n",
		                                          global ? "mailmend" : "policy p", key,
		                                          reply_cases[i].value);
		g_autofree char *want = g_strdup_printf ("conf:2: %s: %s", key,
		                                         reply_cases[i].want);
		ProblemCase at = {input, input, reply_cases[i].want != NULL ? want : ""};

		run_problems (&at, 1);
	}
}

static void
test_label_problems (void)
{
	run_problems (label_cases, G_N_ELEMENTS (label_cases));
}

static void
test_rule_problems (void)
{
	run_problems (rule_cases, G_N_ELEMENTS (rule_cases));
}

/* What cannot be written as a string of C. */
static void
test_octets (void)
{
	static const char nul[] = "[mailmend]\nUser = a\0b\n# \0\nDryRun = x\n";
	g_autoptr (GString) text = g_string_new ("[policy p]\nDescription = ");
	g_autoptr (GString) many = g_string_new (NULL);
	g_autoptr (MmConfig) config = NULL;
	g_autofree char *problems = NULL;
	gsize head = strlen ("Description = ");

	g_assert_null (load_bytes (nul, sizeof nul - 1, &problems));
	g_assert_cmpstr (problems, ==, "conf:2: NUL byte\nconf:3: NUL byte\n"
	                               "conf:4: DryRun: 'x' is none of yes, no\n");

	for (gsize i = head; i < 64 * 1024; i++)
		g_string_append_c (text, 'x');
	config = load (text->str);
	g_string_append (text, "x\nFix = ALL, \n");
	g_clear_pointer (&problems, g_free);
	g_assert_null (load_bytes (text->str, (gssize) text->len, &problems));
	g_assert_cmpstr (problems, ==, "conf:2: the line is longer than 64 KB\n"
	                 "conf:3: Fix: 'ALL,' is not one label; they are separated by '|'\n");

	for (guint i = 0; i < 5000; i++)
		g_string_append (many, "?\n");
	g_clear_pointer (&problems, g_free);
	g_assert_null (load_bytes (many->str, (gssize) many->len, &problems));
	g_assert_true (g_str_has_suffix (problems, "\nconf: more problems are not shown\n"));
	g_assert_cmpuint (strlen (problems), <, 100000);
}

static void
test_files (void)
{
	g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
	g_autofree char *large = g_strnfill (1024 * 1024 + 1, '\n');
	g_autofree char *text = NULL;
	g_autofree char *want = NULL;
	g_autoptr (MmConfig) config = NULL;
	Place place;

	place_init (&place);
	g_assert_null (mm_config_load (place.path, problems));
	want = g_strdup_printf ("%s: cannot be opened: %s", place.path, g_strerror (ENOENT));
	g_assert_cmpuint (problems->len, ==, 1);
	g_assert_cmpstr (problems->pdata[0], ==, want);
	g_assert_null (mm_config_load (place.path, NULL));

	g_ptr_array_set_size (problems, 0);
	g_assert_null (mm_config_load (place.folder, problems));
	g_free (want);
	want = g_strdup_printf ("%s: cannot be read: %s", place.folder, g_strerror (EISDIR));
	g_assert_cmpuint (problems->len, ==, 1);
	g_assert_cmpstr (problems->pdata[0], ==, want);
	place_clear (&place);

	g_assert_null (load_bytes (large, 1024 * 1024 + 1, &text));
	g_assert_cmpstr (text, ==, "conf: the file is larger than 1 MB\n");
	large[1024 * 1024] = '\0';
	config = load (large);
}

int
main (int argc, char **argv)
{
	g_test_init (&argc, &argv, NULL);
	g_test_add_func ("/policy/problems/form", test_form);
	g_test_add_func ("/policy/problems/settings", test_settings_problems);
	g_test_add_func ("/policy/problems/replies", test_replies);
	g_test_add_func ("/policy/problems/labels", test_label_problems);
	g_test_add_func ("/policy/problems/rules", test_rule_problems);
	g_test_add_func ("/policy/problems/octets", test_octets);
	g_test_add_func ("/policy/problems/files", test_files);
	return g_test_run ();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * codec-charset-letters.c: how unlikely a text is as something that people write.
 *
 * Octets read in a wrong charset give letters that no language has together, letters of two scripts
 * in one word, capitals within words, signs that stand in no letter. Each of these costs; a letter
 * costs the more, the rarer it is in its language, and the text counts in the language in which it
 * is cheapest. The unit is an eighth of a nat (-log p), with round numbers: only the order matters,
 * and the numbers are the same for all languages.
 */
#include "codec-private.h"

/* An alphabet, most frequent letter first: what stands at place r costs FIRST + r, at most LAST. */
#define COST_FIRST 16
#define COST_LAST 56
#define COST_RARE_IDEOGRAPH 72 /* not in the list of its language, but there are thousands */
#define COST_NO_LETTER 76      /* a letter, but not one of the language */
#define COST_FOREIGN 88        /* of another script */
#define COST_LATIN 32          /* ASCII letters stand in texts of all languages */
#define COST_PUNCTUATION 44    /* that typists use */
#define COST_SIGN 84
#define COST_CONTROL 120
/* All readings have the same ASCII letters: they tell the language only. */
#define WEIGHT 3
#define WEIGHT_ASCII 2
/* Pairs. */
#define COST_MIXED 40          /* letters of two scripts */
#define COST_MIXED_IDEOGRAPH 16
#define COST_SIGN_INSIDE 32    /* a sign of 8 bits between letters */
#define COST_CLUSTER 6         /* two vowels, or two consonants, one of them of 8 bits */
#define COST_CAPITAL_INSIDE 10
#define COST_CAPITAL_AFTER_SMALL 32

typedef struct {
	GUnicodeScript script;
	const char *letters;
} Language;

static const Language languages[] = {
	{G_UNICODE_SCRIPT_LATIN, "enisratdhulcgmobwfkzvpüäßöjyxqé"},                  /* German */
	{G_UNICODE_SCRIPT_LATIN, "esaitnrulodcpmévqfbghjàxyèêzçkôûîœëïùâw"},           /* French */
	{G_UNICODE_SCRIPT_LATIN, "eaosrnidltcumpbgyívqóhfzjáéñxúükw"},                 /* Spanish */
	{G_UNICODE_SCRIPT_LATIN, "eaionlrtscdupmvghfbqzèàùòìékyxwj"},                  /* Italian */
	{G_UNICODE_SCRIPT_LATIN, "aeosrindmutclpvgqhbfzãçáéíjxõêóàúôâkwy"},            /* Portuguese */
	{G_UNICODE_SCRIPT_LATIN, "enatirodslghvkmubpwjczfëéxïyóqöüáè"},                /* Dutch */
	{G_UNICODE_SCRIPT_LATIN, "enrtadisglovkmfubpøhåæyjcézxwq"},                    /* Danish */
	{G_UNICODE_SCRIPT_LATIN, "enrtasildogkmvfupbhåjøyæcwzxéqòôü"},                 /* Norwegian */
	{G_UNICODE_SCRIPT_LATIN, "eantrsildomgkväfhuåpböcyjxéwzqü"},                   /* Swedish */
	{G_UNICODE_SCRIPT_LATIN, "aintesloukämvrjhypdögbfcåwzxšž"},                    /* Finnish */
	{G_UNICODE_SCRIPT_LATIN, "arnieslutðgmkfhvoáþíédjbæóyöúpýcxzwq"},              /* Icelandic */
	{G_UNICODE_SCRIPT_LATIN, "etiarnshëkjuomdplvgyfqbçzxcw"},                      /* Albanian */
	{G_UNICODE_SCRIPT_LATIN, "aieoznrwsctykdpmujlłgbęhąóżśćfńźvxq"},               /* Polish */
	{G_UNICODE_SCRIPT_LATIN, "eoantvisrldkumpíjyázhbcěéčřžýšůgťúfňóďxwqö"},        /* Czech */
	{G_UNICODE_SCRIPT_LATIN, "aoeinrtvsldkmupáhzjybícčéžýšľúťgfňôóäďxĺŕwq"},       /* Slovak */
	{G_UNICODE_SCRIPT_LATIN, "etalnskrigozmáédvbhjcöpufyóüőíúűxwq"},               /* Hungarian */
	{G_UNICODE_SCRIPT_LATIN, "aeinorstljvkdpmzubgčhšcžfyxwqćđ"},                   /* Slovene */
	{G_UNICODE_SCRIPT_LATIN, "aioenrjtskuvdlpmgzbčcšžhćfđyxwq"},                   /* Croatian */
	{G_UNICODE_SCRIPT_LATIN, "eiartnuclosădpmşţșțfvîâgbzhjxkyw"},                  /* Romanian */
	{G_UNICODE_SCRIPT_LATIN, "aeinrlıdkmuytsboüşzgğçvhcpöfjâîûxwq"},               /* Turkish */
	{G_UNICODE_SCRIPT_LATIN, "aiestlunkdmrogvhpjäbõüföšžcyzwxq"},                  /* Estonian */
	{G_UNICODE_SCRIPT_LATIN, "aiestrunkāolmdpīvzējgbcšfļņūžķģčhyxwq"},             /* Latvian */
	{G_UNICODE_SCRIPT_LATIN, "iasteurnokmlpvdjgėbyųšžcząčįūęfhxwq"},               /* Lithuanian */
	{G_UNICODE_SCRIPT_LATIN, "nhitcgaoumlvrđbpsyàáạảếộôêệấâươớờầốềểậìíúủợụăịãứừữằồổùý"
	                         "ửũỉọõóòèéẹẻẽắặẳễỗỏựỳỹỷẫẩẵ"},                       /* Vietnamese */
	{G_UNICODE_SCRIPT_GREEK, "αοιετσνηυρπκμλςάίόδγέχθφύβήώξζψϊΐϋ"},
	{G_UNICODE_SCRIPT_CYRILLIC, "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"},              /* Russian */
	{G_UNICODE_SCRIPT_CYRILLIC, "оанивтіерслкдумпязьгбчйхцєїжюшщфґ"},              /* Ukrainian */
	{G_UNICODE_SCRIPT_CYRILLIC, "анеікрытсолдупвяўмзбчйьжшгхэёцюф"},              /* Belarusian */
	{G_UNICODE_SCRIPT_CYRILLIC, "аоиентрсвлкдпмзугяъбчщжцшйхфюь"},                 /* Bulgarian */
	{G_UNICODE_SCRIPT_CYRILLIC, "аоиенртсјкувдлпмгзбљчцшњжћхђџф"},                 /* Serbian */
	{G_UNICODE_SCRIPT_CYRILLIC, "аоиентрсвлкјдмупзгбчњшцжќљхѓфџѕ"},                /* Macedonian */
	{G_UNICODE_SCRIPT_HEBREW, "יוהלאמתרבשנדםעכחקפגסטזצןךץף"},
	{G_UNICODE_SCRIPT_ARABIC, "المينوتربعدسفكقحجةهشصىطخأذضغثزإءئؤظآًّ"},            /* Arabic */
	{G_UNICODE_SCRIPT_ARABIC, "اینرهدوتمسبکلشگزفخقجعپحچآصطغءضذظژثيكةئ"},           /* Persian */
	{G_UNICODE_SCRIPT_THAI, "านรอก่เงมย้ลัวดทสตะิปบีคหแ์จุพช็ขู"
	                        "ใไโำผซถึืศธณษญภฉฟฝฐฎฏฆฬฒๆฯ"},
	{G_UNICODE_SCRIPT_HAN, "的一是不我在有们人这了您来会以上请为国中时公司到发出个大要和可与年月日"
	                       "行业务件好谢对于生下工作产同部关成经后本及如动提之或将方电其所新理"},
	{G_UNICODE_SCRIPT_HAN, "的一是不我在有們人這了您來會以上請為國中時公司到發出個大要和可與年月日"
	                       "行業務件好謝對於生下工作產同部關成經後本及如動提之或將方電其所新理"},
	{G_UNICODE_SCRIPT_HIRAGANA, /* Japanese: kana, then kanji that letters are full of */
	 "のにるたをてとしはいでなますがりっれこおらごせくきけさもんかそうあよどだつわえみちょやめゃば"
	 "ずろぶじべほげぎふむびゅへぜひぼーンスルトイアラリクシカレドロッジタフメテコマサビムォウ日年"
	 "本月社会御様者業部人見出時間送確認願致書添付当担連絡定予先回中合分用件品注文発金新方大"},
	{G_UNICODE_SCRIPT_HANGUL, "이다는에의을고지하가니로기를은시사한서도해인대어자라스리나정있습합세주"
	                          "안일전부관계요청드제보수과금문여발송확및회신내용장만게상구무까업"},
};

/* Punctuation of the scripts above; what else is no letter is rare in mail. */
static const char punctuation[] = "\u00A0«»–—‘’‚“”„…•§°´€£¿¡®©ªº№、。「」『』・（），：；？！，　،؛؟";

typedef struct {
	gunichar c; /* lower case */
	GUnicodeScript script;
	gboolean letter, upper;
	guint n;
} Letter;

/* ---- one letter ---------------------------------------------------------------------------- */

/* Han, kana and hangul stand in each other's texts. */
static GUnicodeScript
script_of (gunichar c)
{
	GUnicodeScript script = g_unichar_get_script (c);

	return script == G_UNICODE_SCRIPT_KATAKANA ? G_UNICODE_SCRIPT_HIRAGANA : script;
}

static gboolean
is_ideographic (GUnicodeScript script)
{
	return script == G_UNICODE_SCRIPT_HAN || script == G_UNICODE_SCRIPT_HIRAGANA ||
	       script == G_UNICODE_SCRIPT_HANGUL;
}

static Letter
classify (gunichar c)
{
	Letter letter = {.c = g_unichar_tolower (c),
	                 .script = script_of (c),
	                 .letter = g_unichar_isalpha (c) || g_unichar_ismark (c),
	                 .upper = g_unichar_isupper (c),
	                 .n = 1};

	return letter;
}

/* What is no letter costs the same in every language; ASCII nothing, every charset has it. */
static guint
cost_of_sign (const Letter *letter)
{
	if ((letter->c >= ' ' && letter->c < 0x7F) || (letter->c >= '\t' && letter->c <= '\r'))
		return 0;
	if (g_utf8_strchr (punctuation, -1, letter->c) != NULL)
		return COST_PUNCTUATION;
	return g_unichar_iscntrl (letter->c) ? COST_CONTROL : COST_SIGN;
}

static guint
cost_in (const Language *language, const Letter *letter)
{
	const char *place;

	if (letter->script != language->script && !is_ideographic (language->script))
		return letter->c < 0x80 ? COST_LATIN : COST_FOREIGN;
	place = g_utf8_strchr (language->letters, -1, letter->c);
	if (place != NULL)
		return MIN (COST_LAST, COST_FIRST + (guint) g_utf8_pointer_to_offset (
		                                            language->letters, place));
	if (letter->c < 0x80)
		return COST_LATIN;
	if (letter->script == G_UNICODE_SCRIPT_HAN &&
	    language->script != G_UNICODE_SCRIPT_HANGUL)
		return COST_RARE_IDEOGRAPH;
	if (letter->script == G_UNICODE_SCRIPT_HANGUL && letter->script == language->script)
		return COST_RARE_IDEOGRAPH;
	return letter->script == language->script ? COST_NO_LETTER : COST_FOREIGN;
}

/* Without accents. */
static gboolean
is_vowel (gunichar c)
{
	gunichar base = c, mark;

	while (c >= 0x80 && g_unichar_decompose (base, &base, &mark))
		;
	return g_utf8_strchr ("aeiouyæøœı", -1, base) != NULL;
}

/* ---- pairs --------------------------------------------------------------------------------- */

static guint
cost_of_pair (const Letter *before, const Letter *letter)
{
	guint cost = 0;

	if (!before->letter || !letter->letter || (before->c < 0x80 && letter->c < 0x80))
		return 0;
	if (letter->upper && letter->script == before->script)
		cost += before->upper ? COST_CAPITAL_INSIDE : COST_CAPITAL_AFTER_SMALL;
	if (letter->script == G_UNICODE_SCRIPT_LATIN && before->script == letter->script &&
	    is_vowel (before->c) == is_vowel (letter->c))
		cost += COST_CLUSTER;
	if (before->script == letter->script || letter->script == G_UNICODE_SCRIPT_INHERITED ||
	    before->script == G_UNICODE_SCRIPT_INHERITED ||
	    (is_ideographic (before->script) && is_ideographic (letter->script)))
		return cost;
	if (is_ideographic (before->script) || is_ideographic (letter->script))
		return cost + COST_MIXED_IDEOGRAPH;
	return cost + COST_MIXED;
}

/* "na·me"; a French or English apostrophe is no such sign. */
static guint
cost_of_sign_inside (const Letter *first, const Letter *sign, const Letter *last)
{
	gboolean inside = first->letter && last->letter && !sign->letter && sign->c >= 0x80 &&
	                  sign->c != 0x2019 && !is_ideographic (first->script) &&
	                  !is_ideographic (last->script);

	return inside ? COST_SIGN_INSIDE : 0;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void
count (GArray *letters, const Letter *letter)
{
	for (guint i = 0; i < letters->len; i++) {
		Letter *known = &g_array_index (letters, Letter, i);

		if (known->c == letter->c) {
			known->n++;
			return;
		}
	}
	g_array_append_val (letters, *letter);
}

/* What the letters cost in the language in which they cost least. */
static guint
cost_of_letters (const GArray *letters)
{
	guint best = G_MAXUINT;

	for (gsize l = 0; l < G_N_ELEMENTS (languages); l++) {
		guint sum = 0;

		for (guint i = 0; i < letters->len; i++) {
			const Letter *letter = &g_array_index (letters, Letter, i);
			guint weight = letter->c < 0x80 ? WEIGHT_ASCII : WEIGHT;

			sum += letter->n * weight * cost_in (&languages[l], letter);
		}
		best = MIN (best, sum);
	}
	return best / WEIGHT;
}

guint
mm_text_unlikeliness (MmBytes utf8)
{
	g_autoptr (GArray) letters = g_array_new (FALSE, FALSE, sizeof (Letter));
	Letter before = {0}, first = {0};
	guint cost = 0;

	for (const char *at = utf8.data; at < mm_bytes_end (utf8); at = g_utf8_next_char (at)) {
		Letter letter = classify (g_utf8_get_char (at));

		cost += cost_of_pair (&before, &letter);
		cost += cost_of_sign_inside (&first, &before, &letter);
		first = before;
		before = letter;
		if (letter.letter)
			count (letters, &letter);
		else
			cost += cost_of_sign (&letter);
	}
	return cost + cost_of_letters (letters);
}

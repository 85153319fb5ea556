/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * charset-texts.h: business mail in many languages, and the charsets it is sent in.
 *
 * Each text was written for this test. That a text cannot be written in one of its charsets is an
 * error of this table.
 */
#pragma once

typedef struct {
	const char *language;
	const char *charsets; /* "," between; UTF-8 goes without saying */
	const char *text;
} CharsetText;

static const CharsetText charset_texts[] = {
	{"de", "windows-1252",
	 "Sehr geehrte Frau Krüger, vielen Dank für Ihre Anfrage vom 3. März. Anbei "
	 "erhalten Sie unser überarbeitetes Angebot über zwölf Geräte einschließlich "
	 "Zubehör. Die Lieferung wäre frühestens nächste Woche möglich, sofern Sie "
	 "bis Donnerstag bestätigen. Für Rückfragen stehe ich Ihnen gern zur Verfügung. "
	 "Bitte prüfen Sie auch die geänderte Anschrift in der Straße am Schloßpark. "
	 "Mit freundlichen Grüßen, Jürgen Weiß"},
	{"fr", "windows-1252",
	 "Bonjour Hélène, veuillez trouver ci-joint la facture corrigée du mois de "
	 "février. Nous avons vérifié les quantités livrées et le montant à régler "
	 "a été réduit. Pourriez-vous nous confirmer la réception du matériel dès "
	 "que possible ? Le délai de paiement reste fixé à trente jours, comme prévu "
	 "au contrat signé l'été dernier. Je reste à votre disposition pour toute "
	 "précision complémentaire. Très cordialement, François Lefèvre"},
	{"es", "windows-1252",
	 "Estimado señor Núñez, le adjuntamos la cotización que solicitó la semana "
	 "pasada. El envío se realizará en un plazo de cinco días hábiles después "
	 "de recibir su confirmación. También necesitamos el número de pedido y la "
	 "dirección de facturación de su compañía. Según nuestra última conversación "
	 "telefónica, el descuento será del diez por ciento. ¿Podría devolvernos el "
	 "contrato firmado mañana? Atentamente, María Peña"},
	{"it", "windows-1252",
	 "Gentile dottoressa, come già anticipato per telefono la riunione è stata "
	 "spostata a lunedì mattina perché la sala non sarà più disponibile martedì. "
	 "La preghiamo di comunicarci se potrà partecipare, così da preparare il materiale. "
	 "La qualità dei campioni è buona, però la quantità è inferiore a quanto previsto: "
	 "il fornitore invierà il resto venerdì. Resto a disposizione per qualsiasi "
	 "necessità, Nicolò Città"},
	{"pt", "windows-1252",
	 "Prezado João, segue em anexo a relação dos serviços concluídos no mês de "
	 "março. A nossa equipe de produção não conseguiu terminar a instalação porque "
	 "faltaram peças de reposição. Solicitamos a sua aprovação até amanhã às dez "
	 "horas para que possamos emitir a fatura. As condições de pagamento são as "
	 "mesmas do último orçamento. Após a confirmação enviaremos também as informações "
	 "técnicas. Atenção: o endereço mudou. Saudações"},
	{"nl", "windows-1252",
	 "Beste collega’s, de vergadering over de financiële resultaten van het eerste "
	 "kwartaal is verplaatst naar dinsdag om één uur. Wij hebben de coördinatie "
	 "met België geregeld en zijn geïnteresseerd in jullie ideeën. Graag ontvangen "
	 "wij vóór vrijdag een reactie op de offerte, zodat de reünie van de beëindigde "
	 "projecten kan doorgaan. De officiële bevestiging met alle gegevens volgt "
	 "per post; het café is geopend, ook voor patiënten en cliënten. Groeten, "
	 "René"},
	{"da", "windows-1252",
	 "Kære Søren, tak for din henvendelse. Vi har modtaget din ordre og forventer "
	 "at sende varerne på torsdag. Beløbet skal være betalt senest den første "
	 "i næste måned. Hvis du ønsker at ændre noget, så ring venligst før fredag, "
	 "da lageret er lukket mellem jul og nytår. Vær opmærksom på, at prisen også "
	 "gælder for større mængder. Med venlig hilsen, Jørgen Østergård, Ålborg"},
	{"sv", "windows-1252",
	 "Hej Åsa, här kommer den uppdaterade offerten för våra tjänster. Vi behöver "
	 "få besked senast på måndag för att kunna hålla leveranstiden. Fakturan förfaller "
	 "trettio dagar efter mottagandet. Om något är oklart får du gärna höra av "
	 "dig till vår kundtjänst på kontoret i Göteborg. Vi ser fram emot ett fortsatt "
	 "gott samarbete även nästa år. Det här gäller också för återförsäljare. Med "
	 "vänliga hälsningar, Björn Sjöström"},
	{"nb", "windows-1252",
	 "Hei Kåre, vedlagt følger avtalen vi snakket om på møtet i går. Vi må få "
	 "den tilbake i underskrevet stand før påske, ellers blir leveringen utsatt "
	 "til høsten. Kan du også være så snill å sjekke beløpet på fakturaen? Det "
	 "gjelder både kjøpet av utstyret og årlig vedlikehold. Gi beskjed dersom "
	 "noe er uklart, så går vi gjennom det på nytt. Hilsen Bjørg Sørensen, Tromsø"},
	{"fi", "windows-1252",
	 "Hyvä asiakas, kiitämme tilauksestanne. Lähetys on jo matkalla ja saapuu "
	 "teille viimeistään ensi viikon perjantaina. Löydätte seurantanumeron tämän "
	 "viestin liitteestä. Pyydämme teitä tarkistamaan, että toimitettu määrä täsmää "
	 "laskun kanssa. Mikäli jokin jää epäselväksi, ottakaa yhteyttä myyntiimme. "
	 "Maksuehto on neljätoista päivää. Ystävällisin terveisin, Päivi Hämäläinen, "
	 "Jyväskylä"},
	{"is", "windows-1252",
	 "Kæri viðskiptavinur, þakka þér fyrir pöntunina. Við höfum móttekið greiðsluna "
	 "og vörurnar verða sendar á morgun með pósti. Ef þú hefur einhverjar spurningar "
	 "þá er þér velkomið að hringja í okkur. Meðfylgjandi er reikningur fyrir "
	 "síðasta mánuð. Vinsamlegast staðfestu að upphæðin sé rétt áður en við göngum "
	 "frá skýrslunni. Bestu kveðjur, Guðrún Jónsdóttir, Reykjavík"},
	{"sq", "windows-1252,windows-1250",
	 "I nderuar zotëri, ju dërgojmë bashkëngjitur ofertën për shërbimet që kërkuat "
	 "javën e kaluar. Çmimi përfshin transportin dhe është i vlefshëm për tridhjetë "
	 "ditë. Ju lutemi na konfirmoni nëse të gjitha të dhënat janë të sakta, që "
	 "të mund të përgatisim kontratën. Pagesa duhet të bëhet brenda muajit. Me "
	 "respekt, Agim Çela, përgjegjës i shitjes"},
	{"pl", "windows-1250,iso-8859-2",
	 "Szanowna Pani, dziękujemy za przesłane zamówienie. Potwierdzamy, że wysyłka "
	 "nastąpi w ciągu trzech dni roboczych. W załączeniu przesyłam fakturę oraz "
	 "szczegółowy wykaz części. Proszę o sprawdzenie, czy wszystkie dane są prawidłowe, "
	 "i o jak najszybszą odpowiedź. Jeśli będą Państwo mieli pytania, chętnie "
	 "pomożemy. Termin płatności upływa w przyszłą środę. Łączę wyrazy szacunku, "
	 "Paweł Żółkiewski"},
	{"cs", "windows-1250,iso-8859-2",
	 "Vážená paní inženýrko, děkujeme za Vaši objednávku. Zboží odešleme příští "
	 "úterý, jakmile obdržíme platbu na náš účet. V příloze naleznete zálohovou "
	 "fakturu a podrobný přehled položek. Prosíme Vás o kontrolu údajů a případné "
	 "připomínky zašlete nejpozději do čtvrtka. Těšíme se na další spolupráci "
	 "s Vaší společností. Náš kolega Vám zítra zavolá ohledně termínu dodání. "
	 "S pozdravem Jiří Dvořák"},
	{"sk", "windows-1250,iso-8859-2",
	 "Vážený pán riaditeľ, ďakujeme za Váš záujem o naše služby. Cenovú ponuku "
	 "sme upravili podľa Vašich požiadaviek a posielame ju v prílohe. Môžete ju "
	 "prijať do konca mesiaca. Ak budete súhlasiť, pripravíme zmluvu a dohodneme "
	 "sa na ďalšom postupe. Prosíme, skontrolujte aj priložený zoznam tovaru, "
	 "či niečo nechýba. Teším sa na skoré stretnutie. S úctou Ľubomír Kováč, vedúci "
	 "oddelenia predaja"},
	{"hu", "windows-1250,iso-8859-2",
	 "Tisztelt Uram! Köszönjük megkeresését és az elküldött rendelést. A szállítás "
	 "várhatóan jövő hétfőn történik, az összeget pedig kérjük a hónap végéig "
	 "átutalni. Csatoltan küldjük a módosított szerződést, amelyet aláírva szíveskedjen "
	 "visszaküldeni. Ha bármilyen kérdése merülne fel, forduljon hozzánk bizalommal. "
	 "A következő időpontról telefonon egyeztetünk. Üdvözlettel: Szűcs Gergő, "
	 "ügyvezető"},
	{"sl", "windows-1250,iso-8859-2",
	 "Spoštovani gospod Kovačič, zahvaljujemo se vam za naročilo. Pošiljka bo "
	 "odposlana še ta teden, račun pa prilagamo temu sporočilu. Prosimo, da preverite "
	 "količino in nam čim prej sporočite, če kaj manjka. Naša služba za pomoč "
	 "strankam je dosegljiva vsak delavnik. Plačilo je možno tudi po obrokih, "
	 "več o tem vam lahko pojasnimo po telefonu. Želimo vam uspešen dan, Maša "
	 "Žagar"},
	{"hr", "windows-1250,iso-8859-2",
	 "Poštovani, zahvaljujemo na Vašem upitu. U privitku šaljemo ponudu za tražene "
	 "proizvode, a cijene vrijede do kraja sljedećeg mjeseca. Isporuka će biti "
	 "moguća već početkom idućeg tjedna. Molimo Vas da nam što prije javite odgovara "
	 "li Vam predloženi način plaćanja. Ako želite, možemo dogovoriti sastanak "
	 "u našem uredu. Srdačan pozdrav, Željko Šarić, voditelj odjela za međunarodnu "
	 "prodaju"},
	{"ro", "windows-1250,iso-8859-2",
	 "Bună ziua, vă mulţumim pentru comanda dumneavoastră. Vă informăm că livrarea "
	 "va avea loc săptămâna viitoare, după confirmarea plăţii. Ataşat găsiţi factura "
	 "şi contractul pe care vă rugăm să îl semnaţi. Dacă aveţi întrebări, puteţi "
	 "suna oricând la birou. Preţurile rămân neschimbate până la sfârşitul lunii. "
	 "Aşteptăm cu plăcere răspunsul dumneavoastră. Cu stimă, Ştefan Ţăranu"},
	{"tr", "windows-1254",
	 "Sayın Gökhan Bey, geçen hafta görüştüğümüz konuyla ilgili teklifimizi ekte "
	 "bulabilirsiniz. Ödemenin ay sonuna kadar yapılması gerekmektedir, aksi halde "
	 "sipariş işleme alınmayacaktır. Lütfen fatura bilgilerinizi kontrol edip "
	 "en kısa sürede bize dönüş yapınız. Ürünlerin çoğu depomuzda hazır, kalanlar "
	 "için üretim başladı. Sorularınız olursa müşteri hizmetlerimize ulaşabilirsiniz. "
	 "Saygılarımızla, Ayşe Yıldız, İstanbul"},
	{"et", "windows-1257,windows-1252",
	 "Lugupeetud härra Tõnisson, täname teid tellimuse eest. Kaup jõuab teieni "
	 "järgmisel nädalal ning arve saadame eraldi kirjaga. Palume üle vaadata, "
	 "kas kõik andmed on õiged. Kui teil on küsimusi, võtke palun meiega ühendust "
	 "tööpäeviti kella üheksast viieni. Lisatud failist leiate lõpliku pakkumise "
	 "koos hindadega. Lugupidamisega, Ülle Mägi, müügijuht"},
	{"lv", "windows-1257",
	 "Cienījamā kundze, paldies par jūsu vēstuli. Pielikumā nosūtām rēķinu par "
	 "aizvadīto mēnesi un līguma projektu. Lūdzam pārbaudīt norādīto summu un "
	 "apstiprināt saņemšanu līdz piektdienai. Ja būs nepieciešama papildu informācija, "
	 "droši zvaniet mūsu birojam. Piegāde notiks nākamajā nedēļā, tiklīdz saņemsim "
	 "maksājumu. Ar cieņu, Jānis Bērziņš, pārdošanas daļas vadītājs"},
	{"lt", "windows-1257",
	 "Gerbiamas pone Žukauskai, dėkojame už jūsų užsakymą. Siunčiame patikslintą "
	 "sąskaitą ir sutarties projektą, kurį prašome pasirašyti ir grąžinti iki "
	 "kitos savaitės. Prekės bus išsiųstos, kai gausime apmokėjimą. Jeigu turėtumėte "
	 "klausimų, mielai į juos atsakysime. Primename, kad pasiūlymas galioja iki "
	 "mėnesio pabaigos. Pagarbiai, Rūta Šimkienė, klientų aptarnavimo skyrius"},
	{"el", "windows-1253,iso-8859-7",
	 "Αγαπητέ κύριε Παπαδόπουλε, σας ευχαριστούμε για την παραγγελία σας. Επισυνάπτουμε "
	 "το τιμολόγιο και παρακαλούμε να ελέγξετε τα στοιχεία της εταιρείας. Η αποστολή "
	 "θα γίνει την επόμενη εβδομάδα μετά την πληρωμή. Για οποιαδήποτε απορία μπορείτε "
	 "να επικοινωνήσετε με το γραφείο μας. Με εκτίμηση, Ελένη Γεωργίου, τμήμα "
	 "πωλήσεων"},
	{"ru", "windows-1251,iso-8859-5,x-mac-cyrillic,koi8-r,koi8-u",
	 "Уважаемая Елена Сергеевна, благодарим вас за заказ. Во вложении направляем "
	 "счёт и договор, просим проверить реквизиты и вернуть подписанный экземпляр "
	 "до пятницы. Отгрузка будет произведена после поступления оплаты. Если у "
	 "вас возникнут вопросы, пожалуйста, звоните в отдел продаж. Напоминаем, что "
	 "срок действия предложения истекает в конце месяца. С уважением, Алексей "
	 "Юрьевич Щербаков"},
	{"uk", "windows-1251,iso-8859-5,x-mac-cyrillic,koi8-u",
	 "Шановний пане Андрію, дякуємо за ваше звернення. Надсилаємо рахунок та договір, "
	 "які просимо підписати й повернути до кінця тижня. Товар буде відправлено "
	 "після надходження коштів на наш рахунок. Якщо у вас є запитання, телефонуйте "
	 "нам у робочі дні. Повідомляємо також, що ціни на їхню продукцію змінено "
	 "з першого числа. З повагою, Наталія Єрмоленко, відділ збуту, місто Київ"},
	{"be", "windows-1251,iso-8859-5,x-mac-cyrillic",
	 "Паважаны спадар Іваноў, дзякуем за ваш ліст. Дасылаем рахунак і дамову, "
	 "якую просім падпісаць і вярнуць да пятніцы. Тавар будзе адпраўлены пасля "
	 "аплаты на працягу трох дзён. Калі ў вас ёсць пытанні, звяртайцеся ў аддзел "
	 "продажу. Паведамляем таксама, што кошт паслуг змяніўся. З павагай, Алесь "
	 "Кузьміч, дырэктар прадпрыемства"},
	{"bg", "windows-1251,iso-8859-5,x-mac-cyrillic,koi8-r",
	 "Уважаеми господине, благодарим ви за направената поръчка. Прилагаме фактура "
	 "и договор, които молим да подпишете и върнете до петък. Доставката ще бъде "
	 "извършена в рамките на пет работни дни след плащането. Ако имате въпроси, "
	 "можете да се обадите в нашия офис всеки ден. Надяваме се на успешно сътрудничество "
	 "и през следващата година. С уважение, Стоян Желязков"},
	{"sr", "windows-1251,iso-8859-5,x-mac-cyrillic",
	 "Поштовани господине Јовановићу, захваљујемо на вашој поруџбини. У прилогу "
	 "вам шаљемо рачун и уговор који треба да потпишете и вратите до краја недеље. "
	 "Роба ће бити испоручена чим примимо уплату. Уколико имате питања, слободно "
	 "се јавите нашој служби. Цене важе до краја следећег месеца. Срдачан поздрав, "
	 "Љиљана Ђорђевић, продаја"},
	{"mk", "windows-1251,iso-8859-5,x-mac-cyrillic",
	 "Почитуван господине, ви благодариме за нарачката. Во прилог ви ја испраќаме "
	 "фактурата и договорот што треба да го потпишете и вратите до петок. Стоката "
	 "ќе биде испорачана веднаш штом ќе ја добиеме уплатата. Доколку имате прашања, "
	 "јавете се во нашата канцеларија. Цените важат до крајот на месецот. Со почит, "
	 "Ѓорѓи Јовановски, раководител на продажба"},
	{"he", "windows-1255,iso-8859-8",
	 "שלום רב, תודה על פנייתך אלינו. מצורפת הצעת המחיר שביקשת בשבוע שעבר. נבקש "
	 "לבדוק את הפרטים ולהחזיר את ההסכם חתום עד יום חמישי. המשלוח יצא לאחר קבלת "
	 "התשלום ויגיע בתוך שלושה ימי עסקים. לכל שאלה אפשר לפנות למחלקת השירות שלנו "
	 "בטלפון. בברכה, יעל כהן, מנהלת מכירות"},
	{"ar", "windows-1256,iso-8859-6",
	 "السيد المحترم، نشكركم على طلبكم ونرسل إليكم الفاتورة مع العقد. يرجى مراجعة "
	 "البيانات وإعادة النسخة الموقعة قبل نهاية الأسبوع. سيتم الشحن بعد استلام "
	 "المبلغ خلال ثلاثة أيام عمل. إذا كانت لديكم أي أسئلة فلا تترددوا في الاتصال "
	 "بمكتبنا. مع خالص التحية والتقدير، أحمد عبد الله، قسم المبيعات"},
	{"th", "windows-874",
	 "เรียน คุณสมชาย ขอบคุณสำหรับคำสั่งซื้อของท่าน ทางบริษัทได้แนบใบแจ้งหนี้และสัญญามาพร้อม"
	 "กับอีเมลฉบับนี้ กรุณาตรวจสอบรายละเอียดและส่งกลับภายในวันศุกร์สินค้าจะจัดส่งหลังจากได้"
	 "รับชำระเงินเรียบร้อยแล้ว หากมีข้อสงสัยโปรดติดต่อฝ่ายขายได้ทุกวันทำการ ขอแสดงความนับถื"
	 "อ วิภา"},
	{"vi", "windows-1258",
	 "Kính gửi ông Nguyễn Văn Hải, cảm ơn quý khách đã đặt hàng tại công ty chúng "
	 "tôi. Chúng tôi xin gửi kèm hóa đơn và hợp đồng, đề nghị quý khách kiểm tra "
	 "thông tin rồi gửi lại trước thứ sáu. Hàng sẽ được giao sau khi nhận được "
	 "thanh toán. Nếu có thắc mắc, vui lòng liên hệ phòng kinh doanh trong giờ "
	 "làm việc. Trân trọng, Trần Thị Hương"},
	{"zh-Hans", "gb18030,gbk",
	 "尊敬的王经理，您好！感谢贵公司的订单。附件是本月的发票和合同，请核对后签"
	 "字并于星期五之前寄回。货物将在收到款项后三个工作日内发出，运输费用由我方"
	 "承担。如果有任何问题，欢迎随时与销售部联系。另外，下周二上午的会议改在二"
	 "楼会议室举行，请通知有关同事准时参加。顺祝商祺，李明"},
	{"zh-Hant", "big5,gb18030",
	 "敬愛的客戶您好，感謝您對本公司產品的支持。隨信附上本月份的帳單與合約，請"
	 "確認內容無誤後簽名，並於星期五以前寄回。貨品將於收到款項後三個工作天內寄"
	 "出，運費由我們負擔。如果您有任何疑問，歡迎隨時與業務部門聯絡。另外下週二"
	 "上午的會議改在二樓舉行，請轉告相關同仁準時出席。敬祝順心，陳美玲"},
	{"ja", "shift_jis,euc-jp,iso-2022-jp",
	 "いつも大変お世話になっております。先日ご依頼いただきました見積書を添付い"
	 "たしますので、ご確認のほどよろしくお願いいたします。納期は来月の初めを予"
	 "定しております。ご不明な点がございましたら、お気軽に担当までご連絡くださ"
	 "い。なお、次回の打ち合わせは火曜日の午後に変更となりました。会議室の予約"
	 "は済んでおります。株式会社さくら商事　営業部　田中"},
	{"ko", "euc-kr",
	 "안녕하세요. 항상 저희 제품을 이용해 주셔서 감사합니다. 요청하신 견적서와"
	 " 계약서를 첨부하여 보내드리니 내용을 확인하신 후 금요일까지 회신해 주시기"
	 " 바랍니다. 상품은 입금이 확인되는 대로 발송할 예정입니다. 궁금하신 점이 "
	 "있으시면 언제든지 영업부로 연락해 주십시오. 다음 주 회의는 화요일 오후로"
	 " 변경되었습니다. 김민수 드림"},
};

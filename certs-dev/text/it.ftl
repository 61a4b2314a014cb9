# Le frasi della dimostrazione. Gli stessi nomi, nello stesso ordine, stanno in en.ftl.

title = Raccordo { $version } · dimostrazione · nessun dato vero, chiavi usa e getta (cancellate all'uscita)
label-network = rete
network = rubrica v{ $version } firmata dall'amministrazione (non dal gateway); una sola chiave di amministrazione: va bene solo per una prova
label-gateway = gateway
gateway = { $address }   mTLS 1.3 · X25519MLKEM768 · nessun contenuto su disco · con --dev la sua memoria si può leggere: serve al controllo qui sotto
label-offices = uffici
offices = CAV Ginestra · Servizio sociale · CPI · SIL di Rivabella   (il capofila non riceve segnalazioni)
office-cav-ginestra = CAV Ginestra
office-sociale-rivabella = Servizio sociale
office-cpi-rivabella = CPI
office-sil-rivabella = SIL
office-comune-capofila = Capofila
and = { " " }e{ " " }
written = segnalazione { $codice } scritta e firmata
addressed = territorio { $comune } → équipe «{ $equipe }»: scheda minima a { $count ->
    [one] un ufficio
   *[other] { $count } uffici
}
delivered = consegnata a { $offices } (conferme verificate); { $absent } non collegato: la lettera resta qui
answered = riscontro, poi presa in carico (due comandi, nessun automatismo)
disclosed = parte riservata al solo { $office }, con autorizzazione
late = si collega → consegnata → conferme { $receipts }/{ $recipients }
proven = Prove         { $letters } lettere, { $recipients } destinatari, { $receipts } conferme: firma, lettera e destinatario riverificati qui sui file esportati
label-scan = Sul gateway
scanned = cercati { $markers } marcatori e { $windows } finestre di testo cifrato in { $memory }, { $files } file, { $logs } registri: { $hits } ritrovamenti{ $when }
scan-when = { " " }(in memoria: marcatori in ogni momento, testo cifrato dopo la pulizia dei buffer)
control = controllo: { $markers }, { $windowsFound }/{ $windows } finestre in ciò che il CAV ha inviato
control-markers = { $markersFound }/{ $markers } marcatori trovati presso il CAV
control-no-markers = marcatori non cercati presso il CAV (la memoria si può leggere solo su Linux)
scan-memory = { $megabytes } MB di memoria
scan-no-memory = nessuna memoria (non cercata: si può leggere solo su Linux)
attached = con gli uffici collegati, prima della pulizia dei buffer: { $hits } finestre cifrate nella memoria del gateway; dopo { $scrubMillis } ms: { $after }; scollegati gli uffici: { $left }
try = Prova: { $command }
leave = Ctrl-C per fermare e cancellare tutto
stopping = Fermo i processi e cancello tutto.
failed = La dimostrazione non è riuscita: { $reason }

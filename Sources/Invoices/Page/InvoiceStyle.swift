/// The style of the page of an invoice.
///
/// nginx allows it by its hash (nginx/http/headers.conf), so that a page that an attacker could
/// change has neither scripts nor other styles. A test compares the hash.
let invoiceStyle = """
    @page { size: A4; margin: 18mm 16mm 20mm;
      @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #555; } }
    * { box-sizing: border-box; }
    html { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
    body { margin: 0 auto; max-width: 178mm; padding: 10mm 0; background: #fff; color: #111;
      font: 9.5pt/1.45 "Helvetica Neue", Helvetica, Arial, "Noto Sans", "Noto Sans Arabic",
      "Noto Sans Hebrew", "Noto Sans CJK SC", sans-serif; overflow-wrap: anywhere; }
    header { display: flex; justify-content: space-between; gap: 10mm; margin-bottom: 10mm; }
    header > * { flex: 1 1 0; min-width: 0; }
    h1 { font-size: 18pt; line-height: 1.2; font-weight: 600; margin: 0 0 1mm; }
    .number { font-size: 11pt; margin: 0; }
    .seller { text-align: right; }
    .seller .name { font-weight: 600; font-size: 11pt; }
    .parties { display: grid; grid-template-columns: 1fr 1fr 1.15fr; gap: 8mm; margin-bottom: 9mm; }
    h2 { font-size: 8pt; line-height: 1.3; font-weight: 600; color: #555; margin: 0 0 1mm;
      text-transform: uppercase; letter-spacing: .04em; }
    address { font-style: normal; }
    dl { display: grid; grid-template-columns: auto 1fr; align-content: start; gap: 0 4mm; margin: 0; }
    dt { color: #555; } dd { margin: 0; text-align: right; }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
    th { font-size: 8pt; font-weight: 600; color: #555; text-align: right; vertical-align: bottom;
      white-space: nowrap; overflow-wrap: normal;
      border-bottom: 1.2pt solid #111; padding: 0 0 1.5mm 4mm; }
    td { text-align: right; vertical-align: top; padding: 1.6mm 0 1.6mm 4mm; white-space: nowrap;
      border-bottom: .5pt solid #ccc; }
    th:first-child, td:first-child { text-align: start; padding-left: 0; white-space: normal; }
    .lines td:first-child { width: 99%; min-width: 45mm; }
    .lines td:first-child > * { text-align: left; }
    tr, .sums { break-inside: avoid; }
    small { color: #555; font-size: 8pt; display: block; }
    .sums { display: flex; justify-content: space-between; align-items: flex-start; gap: 12mm;
      margin-top: 6mm; }
    .sums table { width: auto; min-width: 66mm; }
    .sums .totals { margin-left: auto; }
    .totals td { border: 0; padding-top: .8mm; padding-bottom: .8mm; }
    .totals .total td { border-top: 1.2pt solid #111; font-weight: 600; font-size: 11pt;
      padding-top: 1.8mm; }
    footer { margin-top: 9mm; padding-top: 2mm; border-top: .5pt solid #ccc; color: #555;
      font-size: 8pt; break-inside: avoid; }
    footer p { margin: 0; }
    @media print { body { padding: 0; max-width: none; } }
    @media screen and (max-width: 600px) { body { padding: 5mm; }
      .parties { grid-template-columns: 1fr; } header { flex-direction: column; gap: 4mm; }
      .seller { text-align: start; } .sums { flex-direction: column; align-items: stretch; }
      .sums table { width: 100%; min-width: 0; } .lines { display: block; overflow-x: auto; } }
    """

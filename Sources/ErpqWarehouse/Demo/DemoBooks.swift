import ErpqBase
import GRDB

/// Writes the demo company's invoices, payments and opportunities.
struct DemoBooks {
  let database: Database
  let finance: DemoFinance
  let first: Int32
  let firstCustomer: Int64
  let firstOrder: Int64

  func write() throws {
    var words = try Words(database)
    let kinds = try ["out_invoice", "out_refund", "in_invoice"].map { try words.id($0) }
    let posted = try words.id("posted")
    let (euro, dollar) = (try words.id("EUR"), try words.id("USD"))
    var insert = try BulkInsert(
      "invoices",
      [
        "invoice", "name", "kind", "customer", "supplier", "order", "date", "due_date", "state", "currency",
        "amount", "amount_doc", "residual",
      ], on: database)
    let prefixes = ["INV/", "RINV/", "BILL/"]
    var numbers = [0, 0, 0]
    for (i, invoice) in finance.invoices.enumerated() {
      let kind = invoice.kind.rawValue
      let isBill = invoice.kind == .supplier
      numbers[kind] += 1
      insert.add(Int64(30_001 + i))
      insert.add(prefixes[kind] + padded(numbers[kind], 6))
      insert.add(kinds[kind])
      insert.add(isBill ? nil : firstCustomer + Int64(invoice.partner))
      insert.add(isBill ? DemoCatalog.suppliers[Int(invoice.partner)].id : nil)
      insert.add(isBill ? nil : firstOrder + Int64(invoice.document))
      insert.add(first + invoice.day)
      insert.add(first + invoice.due)
      insert.add(posted)
      insert.add(invoice.isDollar ? dollar : euro)
      insert.add(invoice.amount)
      insert.add(DemoCatalog.cents(invoice.amount * invoice.rate))
      insert.add(invoice.residual)
      try insert.step()
    }
    try writePayments(&words)
    try writeLeads(&words)
  }

  private func writePayments(_ words: inout Words) throws {
    let (inbound, outbound) = (try words.id("inbound"), try words.id("outbound"))
    let (euro, dollar) = (try words.id("EUR"), try words.id("USD"))
    var insert = try BulkInsert(
      "payments",
      [
        "payment", "name", "kind", "invoice", "customer", "supplier", "date", "currency", "amount",
        "amount_doc",
      ], on: database)
    for (i, payment) in finance.payments.enumerated() {
      let invoice = finance.invoices[Int(payment.invoice)]
      let isBill = invoice.kind == .supplier
      insert.add(Int64(60_001 + i))
      insert.add("PAY/" + padded(i + 1, 6))
      insert.add(invoice.kind == .customer ? inbound : outbound)
      insert.add(Int64(30_001) + Int64(payment.invoice))
      insert.add(isBill ? nil : firstCustomer + Int64(invoice.partner))
      insert.add(isBill ? DemoCatalog.suppliers[Int(invoice.partner)].id : nil)
      insert.add(first + payment.day)
      insert.add(invoice.isDollar ? dollar : euro)
      insert.add(payment.amount)
      insert.add(DemoCatalog.cents(payment.amount * invoice.rate))
      try insert.step()
    }
  }

  private func writeLeads(_ words: inout Words) throws {
    var insert = try BulkInsert(
      "leads",
      [
        "lead", "name", "customer", "stage", "state", "created", "closed", "deadline", "expected",
        "probability",
      ], on: database)
    let stages = try DemoFinance.stages.map { try words.id($0) }
    let (won, lost) = (try words.id("Won"), try words.id("Lost"))
    let states = try ["open", "won", "lost"].map { try words.id($0) }
    for (i, lead) in finance.leads.enumerated() {
      insert.add(Int64(90_001 + i))
      insert.add(
        DemoFinance.subjects[Int(lead.subject)] + ", " + DemoCatalog.customers[Int(lead.customer)])
      insert.add(firstCustomer + Int64(lead.customer))
      insert.add(lead.state == .open ? stages[lead.stage] : lead.state == .won ? won : lost)
      insert.add(states[lead.state.rawValue])
      insert.add(first + lead.created)
      insert.add(lead.closed.map { first + $0 })
      insert.add(first + lead.deadline)
      insert.add(lead.expected)
      insert.add(lead.state == .open ? DemoFinance.stageChances[lead.stage] : lead.state == .won ? 1 : 0)
      try insert.step()
    }
  }
}

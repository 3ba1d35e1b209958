import HTTP
import Outbox
import Service
public import Storage
public import Values

/// The kind of the jobs for `renameActor`.
public let renameActorJobKind = "rename_actor"

/// Removes the name of an erased account from past events of orders of other people.
///
/// The name is in the timelines of the orders that the account shipped, refunded and so on.
/// A job renames it in `limit` orders, and leaves a job for the next ones.
/// - Throws: `StoreError`; `Problem` if the payload is not that of such a job.
public func renameActor(
    _ payload: String, atMost limit: Int64 = 200, at now: Instant, in tx: any Transaction
) throws {
    var job = try jobPayload(payload, as: RenameActorJob.self)
    // An order of several rows may be divided by the limit: all of its events are changed at once.
    let orders = try tx.all(
        """
        SELECT order_id FROM order_events
        WHERE actor_id = \(job.actor) AND order_id > \(job.after)
        ORDER BY order_id LIMIT \(limit) \(.alone("order_events"))
        """
    ) { try $0["order_id"] as Int64 }
    let (name, erased) = (JSONWriter.bytes(of: job.name), JSONWriter.bytes(of: job.erasedName))
    try replaceInEvents(
        on: Set(orders).sorted().map { "/sales/\($0)" },
        #""actor":\#(String(decoding: name, as: UTF8.self))"#,
        with: #""actor":\#(String(decoding: erased, as: UTF8.self))"#, in: tx)
    guard orders.count == limit, let last = orders.last else { return }
    job.after = last
    try enqueue(job, at: now, in: tx)
}

/// Leaves a job that renames the actor of past events, before the account gets its new name.
///
/// It leaves none if the account has changed no order of other people.
func enqueueRenameActor(_ actor: Int64, at now: Instant, in tx: any Transaction) throws {
    let row = try tx.first(
        """
        SELECT customers.username FROM order_events AS event
            JOIN orders ON orders.id = event.order_id
            JOIN customers ON customers.id = event.actor_id
        WHERE event.actor_id = \(actor)
            AND (orders.customer_id IS NULL OR orders.customer_id <> event.actor_id)
        LIMIT 1 \(.alone("customers"))
        """)
    guard let name: String = try row?["username"] else { return }
    let job = RenameActorJob(actor: actor, name: name, erasedName: "erased~\(actor)", after: 0)
    try enqueue(job, at: now, in: tx)
}

/// The orders after `after` in whose events an account acted.
private struct RenameActorJob: JSONWritable, Input {
    let actor: Int64
    let name: String
    let erasedName: String
    var after: Int64

    init(actor: Int64, name: String, erasedName: String, after: Int64) {
        self.actor = actor
        self.name = name
        self.erasedName = erasedName
        self.after = after
    }

    init(_ fields: inout Fields) {
        actor = fields.required("actor_id", .id)
        name = fields.required("name", .line(1...200))
        erasedName = fields.required("erased_name", .line(1...200))
        after = fields.required("after", .integer(0...Int64.max))
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("actor_id", actor)
            $0.field("name", name)
            $0.field("erased_name", erasedName)
            $0.field("after", after)
        }
    }
}

private func enqueue(_ job: RenameActorJob, at now: Instant, in tx: any Transaction) throws {
    try enqueue(
        renameActorJobKind, in: JobQueue("rename", job.actor), job, of: nil, at: now, in: tx)
}

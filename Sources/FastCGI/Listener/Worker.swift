import Glibc
import HTTP
import HTTPTypes

/// A worker thread, which takes a ready descriptor, serves it and repeats.
struct Worker: ~Copyable {
    private let listener: Listener
    private let exchange = Exchange()
    private let preflight = RequestPreflight()
    private var head: [UInt8] = []

    init(for listener: Listener) {
        self.listener = listener
    }

    /// Serves until the listener drains, and then the connections that are already ready.
    mutating func run() {
        let end = listener.stopWorking.number
        var descriptor = listener.ready.next()
        while descriptor != end {
            serve(descriptor)
            descriptor = listener.ready.next()
        }
        while let last = listener.ready.nextWithoutWaiting(besides: end) { serve(last) }
    }

    /// Reads a request from a connection, answers it and puts the connection back.
    private mutating func serve(_ descriptor: Int32) {
        listener.workerIsBusy()
        defer { listener.workerIsIdle() }
        listener.connections.taken(descriptor)
        let patienceMs = listener.configuration.receiveTimeoutMs
        guard preflight.accepts(descriptor, withinMs: patienceMs) else {
            close(descriptor)
            listener.connections.closed(descriptor)
            return
        }
        guard exchange.begin(on: descriptor) else {
            listener.connections.closed(descriptor)
            return
        }
        guard answer() else {
            exchange.abort()
            listener.connections.closed(descriptor)
            return
        }
        if listener.connections.hasToGo(descriptor) { exchange.closeAfterwards() }
        if exchange.end() {
            listener.connections.returned(descriptor)
            listener.ready.watchAgain(descriptor)
        } else {
            listener.connections.closed(descriptor)
        }
        listener.requestIsFinished()
    }

    /// - Returns: whether the response was large.
    private mutating func write(_ response: Response, to method: HTTPRequest.Method) -> Bool {
        exchange.write(response, to: method, head: &head)
        return response.body.count > Allocator.largeAnswerBytes
    }

    /// - Returns: false if the peer has closed the connection.
    private mutating func answer() -> Bool {
        var isLarge = false
        // Last, after the memory of the response is free.
        defer { if isLarge { Allocator.giveBack() } }
        let id = exchange.requestID()
        let bodyBytesMax = listener.configuration.bodyBytesMax
        do {
            let request = try exchange.request(id: id, bodyBytesMax: bodyBytesMax)
            isLarge = write(listener.handle(request), to: request.method)
        } catch let problem as Problem {
            listener.requestIsUnreadable()
            exchange.skipBody(bytesMax: 8 * bodyBytesMax)
            exchange.write(problem.response(to: id), to: nil, head: &head)
        } catch {
            return false
        }
        return true
    }
}

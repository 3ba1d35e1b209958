import Storage

extension PostgresTransaction {
    /// Whether `error` concerns every connection that was opened until now.
    func spoilsConnection(_ error: any Error) -> Bool {
        switch error {
        case is ConnectionLost, is AnswerOverdue: true
        case let failure as ServerFailure:
            failure.isOfStaleStatement || (failure.isOfReadOnlyServer && isWrite)
        default: false
        }
    }

    /// The error for the caller.
    func storeError(_ error: any Error) -> any Error {
        switch error {
        case let failure as ServerFailure:
            if failure.state == "57014", limitMs == 0 { return StoreError.busy }
            return failure.storeError(isWrite: isWrite)
        case let lost as ConnectionLost: return StoreError.lost(settings, lost)
        case is AnswerOverdue: return StoreError.overdue(settings)
        default: return error
        }
    }
}

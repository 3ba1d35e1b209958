public import HTTP

extension Problem {
    /// 422: the account has reached a quota.
    ///
    /// `detail` names the quota and says what to do.
    public static func quotaExceeded(_ detail: String) -> Problem {
        Problem(.unprocessableContent, "quota_exceeded", detail)
    }
}

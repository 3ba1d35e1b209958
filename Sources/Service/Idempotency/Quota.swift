public import HTTP

extension Problem {
    /// 422: the account holds as many of something as it may.
    ///
    /// `detail` names the quota and says what to do.
    public static func quotaExceeded(_ detail: String) -> Problem {
        Problem(.unprocessableContent, "quota_exceeded", detail)
    }
}

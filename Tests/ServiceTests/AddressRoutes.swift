import HTTPTypes

extension RouteCase {
    /// The routes of e-mail addresses and password resets.
    static let addresses = [
        // gives: nobody, ben, ada, mona, sami, adil, suse.
        RouteCase(
            .post, "/customers/verify-email", "/customers/verify-email", #"{"token":"x"}"#,
            gives: [422, 422, 422, 422, 422, 422, 401]),
        RouteCase(
            .post, "/customers/password-resets", "/customers/password-resets",
            #"{"username":"ada"}"#, gives: [202, 202, 202, 202, 202, 202, 401]),
        RouteCase(
            .post, "/customers/password-resets/complete", "/customers/password-resets/complete",
            #"{"token":"x","new_password":"a new horse"}"#,
            gives: [422, 422, 422, 422, 422, 422, 401]),
        RouteCase(
            .post, "/customers/:username/email-verification", "/customers/ada/email-verification",
            gives: [401, 404, 409, 404, 403, 403, 401], onOneself: [409, 409, 409]),
    ]
}

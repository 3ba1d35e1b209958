import TestShop

/// The routes of webhooks, which only admins may use.
extension RouteCase {
    static let webhooks: [RouteCase] = [
        RouteCase(
            .get, "/webhooks", "/webhooks",
            gives: adminOnly(200)),
        RouteCase(
            .post, "/webhooks", "/webhooks",
            #"{"url":"https://a.example","types":["*"]}"#,
            gives: adminOnly(201)),
        RouteCase(
            .get, "/webhooks/:id", "/webhooks/1",
            gives: adminOnly(200)),
        RouteCase(
            .patch, "/webhooks/:id", "/webhooks/1",
            #"{"paused":true}"#,
            gives: adminOnly(200)),
        RouteCase(
            .delete, "/webhooks/:id", "/webhooks/1",
            gives: adminOnly(204)),
        RouteCase(
            .post, "/webhooks/:id/rotate-secret", "/webhooks/1/rotate-secret",
            gives: adminOnly(200)),
        RouteCase(
            .post, "/webhooks/:id/test", "/webhooks/1/test",
            gives: adminOnly(202)),
        RouteCase(
            .get, "/webhooks/:id/deliveries", "/webhooks/1/deliveries",
            gives: adminOnly(200)),
        RouteCase(
            .post, "/webhooks/:id/deliveries/:delivery_id/retry", "/webhooks/1/deliveries/1/retry",
            gives: adminOnly(200)),
    ]

    private static func adminOnly(_ status: Int) -> [Int] {
        [401, 403, 403, 403, 403, status, 401]
    }

    /// Creates webhook 1, and its delivery 1.
    static func webhookSteps(by admin: String) -> [Scenario.Step] {
        [
            .init(
                .post, "/webhooks", as: admin, #"{"url":"https://a.example","types":["order.*"]}"#),
            .init(.post, "/webhooks/1/test", as: admin),
        ]
    }
}

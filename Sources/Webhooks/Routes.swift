public import Service

/// The routes of webhooks, which the customers responder serves.
// swift-format-ignore
public let routes: [Route] = [
    .get   ("/webhooks",                                   .admin, query: WebhookFilter.self,   listWebhooks),
    .post  ("/webhooks",                                   .admin, body:  WebhookDetails.self,  outside: createWebhook),
    .get   ("/webhooks/:id",                               .admin,                              getWebhook),
    .patch ("/webhooks/:id",                               .admin, body:  WebhookChange.self,   updateWebhook),
    .delete("/webhooks/:id",                               .admin,                              deleteWebhook),
    .post  ("/webhooks/:id/rotate-secret",                 .admin,                              outside: rotateWebhookSecret),
    .post  ("/webhooks/:id/test",                          .admin,                              testWebhook),
    .get   ("/webhooks/:id/deliveries",                    .admin, query: DeliveryFilter.self,  listWebhookDeliveries),
    .post  ("/webhooks/:id/deliveries/:delivery_id/retry", .admin,                              retryWebhookDelivery),
]

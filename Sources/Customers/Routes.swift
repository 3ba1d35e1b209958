public import Service

/// What the customers responder answers, given what other slices hold about people.
///
/// A table, so it is read by column.
// swift-format-ignore
public func routes(with others: [PersonalData]) -> [Route] {
    [
        .post  ("/customers",                           .anyone,   register),
        .get   ("/customers",                           .staff,    listCustomers),
        .post  ("/customers/login",                     .anyone,   login),
        .post  ("/customers/refresh",                   .anyone,   refresh),
        .post  ("/customers/logout",                    .customer, logout),
        .get   ("/customers/audit",                     .admin,    listAudit),
        .get   ("/customers/:username",                 .customer, showCustomer),
        .patch ("/customers/:username",                 .customer, updateCustomer),
        .delete("/customers/:username",                 .customer, eraseCustomer(others)),
        .get   ("/customers/:username/export",          .customer, exportCustomer(others)),
        .post  ("/customers/:username/password",        .customer, changePassword),
        .get   ("/customers/:username/sessions",        .customer, listSessions),
        .delete("/customers/:username/sessions",        .customer, endAllSessions),
        .delete("/customers/:username/sessions/:id",    .customer, endOneSession),
        .put   ("/customers/:username/role",            .admin,    changeRole),
        .put   ("/customers/:username/status",          .admin,    changeStatus),
        .get   ("/customers/:username/wallet",          .customer, showWallet),
        .get   ("/customers/:username/wallet/entries",  .customer, listWalletEntries),
        .post  ("/customers/:username/wallet/charge",   .customer, chargeWallet),
        .post  ("/customers/:username/wallet/deduct",   .customer, deductWallet),
    ]
}

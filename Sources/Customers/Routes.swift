public import Service

/// What the customers responder answers.
///
/// A table, so it is read by column.
// swift-format-ignore
public let routes: [Route] = [
    .post ("/customers",                          .anyone,   register),
    .post ("/customers/login",                    .anyone,   login),
    .post ("/customers/refresh",                  .anyone,   refresh),
    .post ("/customers/logout",                   .customer, logout),
    .get  ("/customers/:username",                .customer, showCustomer),
    .patch("/customers/:username",                .customer, updateCustomer),
    .get  ("/customers/:username/wallet",         .customer, showWallet),
    .get  ("/customers/:username/wallet/entries", .customer, listWalletEntries),
    .post ("/customers/:username/wallet/charge",  .customer, chargeWallet),
    .post ("/customers/:username/wallet/deduct",  .customer, deductWallet),
]

public import Service

/// The routes of the customers responder, with the personal data of other slices.
///
/// `claim` gives an account the orders of guests with its address.
///
/// A table, so it is read by column.
// swift-format-ignore
public func routes(with others: [PersonalData], claiming claim: GuestClaim = .none) -> [Route] {
    [
        .post  ("/customers",                          .tokenless,     body:  Registration.self,      outside: registerCustomer),
        .get   ("/customers",                          .staff,         query: CustomerFilter.self,    listCustomers),
        .post  ("/customers/login",                    .tokenless,     body:  Credentials.self,       outside: login(claim)),
        .post  ("/customers/refresh",                  .tokenless,     body:  Refreshing.self,        outside: refreshTokens),
        .post  ("/customers/logout",                   .enrolling,                                    logout),
        .get   ("/customers/audit",                    .admin,         query: AuditFilter.self,       listAuditEvents),
        .post  ("/customers/verify-email",             .anyone,        body:  EmailVerification.self, verifyEmail(claim)),
        .post  ("/customers/password-resets",          .anyone,        body:  PasswordResetRequest.self, requestPasswordReset),
        .post  ("/customers/password-resets/complete", .anyone,        body:  PasswordReset.self,     outside: completePasswordReset),
        .get   ("/customers/:username",                .ownProfile,                                   getCustomer),
        .patch ("/customers/:username",                .customer,      body:  CustomerEdit.self,      updateCustomer),
        .delete("/customers/:username",                .customer,                                     eraseCustomer(others)),
        .get   ("/customers/:username/export",         .loggedIn,                                     outside: exportCustomer(others)),
        .post  ("/customers/:username/password",       .loggedIn,      body:  PasswordChange.self,    outside: changePassword),
        .post  ("/customers/:username/email-verification", .loggedIn,                                 requestEmailVerification),
        .get   ("/customers/:username/sessions",       .loggedIn,                                     listSessions),
        .delete("/customers/:username/sessions",       .loggedIn,                                     endAllSessions),
        .delete("/customers/:username/sessions/:id",   .loggedIn,                                     endSession),
        .post  ("/customers/:username/api-keys",       .loggedIn,      body:  ApiKeyInput.self,       outside: createApiKey),
        .get   ("/customers/:username/api-keys",       .loggedIn,                                     listApiKeys),
        .delete("/customers/:username/api-keys/:id",   .loggedIn,                                     revokeApiKey),
        .post  ("/customers/:username/totp",           .enrolling,     body:  TotpEnrollment.self,    outside: enrollTotp),
        .post  ("/customers/:username/totp/confirm",   .enrolling,     body:  TotpConfirmation.self,  outside: confirmTotp),
        .delete("/customers/:username/totp",           .loggedIn,      body:  TotpRemoval.self,       outside: removeTotp),
        .put   ("/customers/:username/role",           .loggedInAdmin, body:  RoleChange.self,        changeRole),
        .put   ("/customers/:username/status",         .admin,         body:  StatusChange.self,      changeStatus),
        .get   ("/customers/:username/addresses",      .customer,                                     listAddresses),
        .post  ("/customers/:username/addresses",      .customer,      body:  NewAddress.self,        createAddress),
        .patch ("/customers/:username/addresses/:id",  .customer,      body:  AddressChange.self,     updateAddress),
        .delete("/customers/:username/addresses/:id",  .customer,                                     deleteAddress),
        .get   ("/customers/:username/wallet",         .customer,                                     getWallet),
        .get   ("/customers/:username/wallet/entries", .customer,      query: WalletEntryFilter.self, listWalletEntries),
        .post  ("/customers/:username/wallet/credit",  .customer,      body:  WalletChange.self,      creditWallet),
        .post  ("/customers/:username/wallet/debit",   .customer,      body:  WalletChange.self,      debitWallet),
    ]
}

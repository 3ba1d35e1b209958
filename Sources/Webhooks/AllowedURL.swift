import Curl
import HTTP
import Service

/// Rejects an address that a webhook may not have.
///
/// It knows the addresses that a URL spells. The courier checks those that a name has when it
/// connects.
/// - Throws: `Problem` 422 `invalid_request`.
func requireAllowedURL(_ url: String, of shop: Shop) throws {
    let hosts = AllowedHosts(shop.webhookHosts.joined(separator: " ")) ?? .none
    do throws(OutboundURL.Fault) {
        _ = try OutboundURL(url, allowing: hosts)
    } catch {
        throw Problem.invalid([.init(field: "url", message: error.message)])
    }
}

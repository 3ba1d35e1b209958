import Curl
import HTTP
import Service

/// Rejects a URL that a webhook may not have.
///
/// It checks a host that is an IP address. The courier checks the addresses of a host name when it
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

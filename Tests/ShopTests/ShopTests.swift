import ShopFixture
import Testing

/// The shop as `make run` opens it: real nginx, four responders, one database.
///
/// Serialized, because most tests share one shop, and some kill its responders.
@Suite(.serialized, .enabled(if: Programs.installed("nginx") != nil, "there is no nginx"))
enum ShopTests {}

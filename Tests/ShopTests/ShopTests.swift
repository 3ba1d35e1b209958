import ShopFixture
import Testing

/// The shop as `make run` opens it: real nginx, four daemons, one file.
///
/// Serialized, because most of them share one shop, and some kill its daemons.
@Suite(.serialized, .enabled(if: Programs.installed("nginx") != nil, "there is no nginx"))
enum ShopTests {}

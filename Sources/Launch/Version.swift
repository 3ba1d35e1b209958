/// The version of every program of Souk.
public let version = "0.2.0"

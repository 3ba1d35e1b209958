import Customers
import Inventory
import Outbox
import Reviews
import Sales
import Service
import Shipping
public import Storage
import Taxes
import Webhooks
import Wishlist

/// The tables of the whole shop, in the order of their creation.
public let schema: [Migration] =
    Service.tables + Outbox.tables + Customers.tables + Inventory.tables + Shipping.tables
    + Taxes.tables + Sales.tables
    + Wishlist.tables + Webhooks.tables + Reviews.tables

/// The invariants of the whole shop.
public let invariants: [Invariant] =
    Outbox.invariants + Customers.invariants + Inventory.invariants + Sales.invariants
    + Reviews.invariants + Webhooks.invariants

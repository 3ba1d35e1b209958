import Carts
import Coupons
import Customers
import GiftCards
import Inventory
import Invoices
import Outbox
import Payments
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
    + Taxes.tables + Payments.tables + Coupons.tables + GiftCards.tables + Sales.tables
    + Invoices.tables + Carts.tables + Wishlist.tables + Webhooks.tables + Reviews.tables

/// The invariants of the whole shop.
public let invariants: [Invariant] =
    Outbox.invariants + Customers.invariants + Inventory.invariants + Sales.invariants
    + Reviews.invariants + Webhooks.invariants + Coupons.invariants + GiftCards.invariants
    + Payments.invariants + Invoices.invariants + Carts.invariants

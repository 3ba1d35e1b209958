import Customers
import Inventory
import Reviews
import Sales
import Service
public import Storage
import Wishlist

/// Every table of the shop, in the order in which they can be made.
public let schema: [Migration] =
    Service.tables + Customers.tables + Inventory.tables + Sales.tables + Wishlist.tables
    + Reviews.tables

/// Everything that holds for the whole shop at any moment.
public let invariants: [Invariant] =
    Customers.invariants + Inventory.invariants + Sales.invariants + Reviews.invariants

public import Customers
import Storage

/// The personal data in deliveries: a response may repeat the data of an event.
///
/// An export leaves it out, because the responses of other programs are not data of the shop.
public let personalData: [PersonalData] = [
    PersonalData { customer, tx in
        try tx.run(
            """
            UPDATE webhook_attempts SET answer = NULL
            WHERE delivery_id IN (
                SELECT webhook_deliveries.id FROM events
                JOIN webhook_deliveries ON webhook_deliveries.event_position = events.position
                WHERE events.customer_id = \(customer)
            )
            """)
    }
]

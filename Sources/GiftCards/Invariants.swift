public import Storage

/// The invariants of gift cards.
///
/// Each card is open, redeemed or cancelled, so the issued amount is the sum of the three.
public let invariants: [Invariant] = [
    Invariant(
        "A redeemed gift card has credited its amount to the wallet of its redeemer.",
        breaches: """
            SELECT 'gift card ' || card.id AS subject FROM gift_cards AS card
                LEFT JOIN wallet_entries AS entry ON entry.id = card.wallet_entry_id
            WHERE (card.status = 'redeemed') <> (card.wallet_entry_id IS NOT NULL)
                OR card.status = 'redeemed' AND (entry.id IS NULL OR entry.kind <> 'gift_card'
                    OR entry.amount <> card.amount OR entry.customer_id <> card.redeemed_by)
            """),
    Invariant(
        "Each wallet entry of a gift card belongs to one card.",
        sums: ["entries - cards"], of: "entry_id",
        in: """
            SELECT id AS entry_id, 1 AS entries, 0 AS cards FROM wallet_entries
            WHERE kind = 'gift_card'
            UNION ALL
            SELECT wallet_entry_id, 0, 1 FROM gift_cards WHERE wallet_entry_id IS NOT NULL
            """,
        subject: """
            'wallet entry ' || entry_id || ' has ' || \(SQL(sum: "cards")) || ' gift cards'
            """),
]

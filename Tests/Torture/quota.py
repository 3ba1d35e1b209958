"""One account stores as much as it can: each kind of row stops at its quota, and other accounts are not affected."""

from shop import at_once, expect, open_shop

QUOTAS = {
    "reviews": ("SELECT COUNT(*) FROM reviews WHERE customer_id = ?", 100),
    "wishes": ("SELECT COUNT(*) FROM wishlist_items WHERE customer_id = ?", 500),
    "sessions": ("SELECT COUNT(*) FROM sessions WHERE customer_id = ? AND ended_at IS NULL", 100),
}


def run(trial):
    with open_shop() as shop:
        boss, (hoarder, other) = shop.boss(), shop.buyers(2)
        products = [boss.ask(201, "POST", "/inventory", {"name": "pen", "category": "pens", "price": 1})["id"] for _ in range(520)]
        reviews = [hoarder.send("POST", "/reviews", {"product_id": product, "rating": 1}) for product in products[:120]]
        refused([answer for answer in reviews if answer.status != 201], 20)
        wishes = [hoarder.send("PUT", f"/wishlist/{product}") for product in products]
        refused([answer for answer in wishes if answer.status != 200], 20)
        # In groups, because the queue holds only some logins of a name.
        for _ in range(15):
            at_once([lambda: shop.log_in("c1")] * 8)
        customer = shop.look("SELECT id FROM customers WHERE username = 'c1'")[0][0]
        for kind, (sql, quota) in QUOTAS.items():
            count = shop.look(sql, customer)[0][0]
            expect(count == quota, f"{count} {kind}, and the quota is {quota}")
        listed = shop.log_in("c1").ask(200, "GET", "/customers/c1/sessions")["data"]
        expect(len(listed) == 100, f"{len(listed)} sessions are listed")
        other.ask(201, "POST", "/reviews", {"product_id": products[0], "rating": 5})
        other.ask(200, "PUT", f"/wishlist/{products[0]}")
        shop.check()
        trial.say("520 wishes, 120 reviews and 120 logins of one account: 500, 100 and 100 are stored; another account is not held up")


def refused(answers, count):
    expect(len(answers) == count, f"{len(answers)} refused instead of {count}")
    for answer in answers:
        expect(answer.status == 422 and answer.json["code"] == "quota_exceeded", f"beyond a quota: {answer}")

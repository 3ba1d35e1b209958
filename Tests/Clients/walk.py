#!/usr/bin/env python3
"""usage: walk.py FOLDER ADDRESS PASSWORD

Uses the client that openapi-python-client has generated in FOLDER/souk on the demo shop at ADDRESS, with sami's PASSWORD.
Prints a line for each step; ends with a traceback at the first one that fails.
"""

import importlib
import inspect
import json
import pkgutil
import sys
import typing
import urllib.request

import attrs

folder, address, password = sys.argv[1:]
sys.path.insert(0, folder)

import souk.api
from souk import models
from souk.api.carts import check_out_cart, claim_cart, create_cart, get_cart, set_cart_item, update_cart
from souk.api.customers import credit_wallet, login, register_customer
from souk.api.orders import create_order, create_return, decline_return, get_order, refund_order, ship_order
from souk.api.products import create_product, list_products
from souk.api.reviews import create_review
from souk.client import AuthenticatedClient, Client
from souk.types import UNSET


def expect(condition, sentence):
    if not condition:
        raise AssertionError(sentence)


def check_members(value, place):
    """Every member of an answer is described: the client keeps others in `additional_properties`.

    An object without described members, as the `data` of an event, may have any.
    """
    names = [field.name for field in attrs.fields(type(value))] if attrs.has(type(value)) else []
    if names != ["additional_properties"]:
        expect(not getattr(value, "additional_properties", None), f"{place} is not in openapi.yaml: {getattr(value, 'additional_properties', None)}")
    for name in names:
        member = getattr(value, name)
        for item in member if isinstance(member, list) else [member]:
            check_members(item, f"{place}.{name}")


def call(operation, status, *arguments, **parameters):
    """The parsed answer of an operation, which must have this status."""
    answer = operation.sync_detailed(*arguments, **parameters)
    expect(answer.status_code == status, f"{operation.__name__}: {answer.status_code} {answer.content}")
    expect((status >= 400) == isinstance(answer.parsed, models.Problem), f"{operation.__name__}: {answer.parsed}")
    check_members(answer.parsed, operation.__name__.split(".")[-1])
    return answer.parsed


def log_in(username, secret):
    tokens = call(login, 200, client=visitor, body=models.Credentials(username=username, password=secret))
    return AuthenticatedClient(base_url=address, token=tokens.access_token, raise_on_unexpected_status=True)


visitor = Client(base_url=address, raise_on_unexpected_status=True)
staff = log_in("sami", password)


def buy_and_refund():
    product = call(create_product, 201, client=staff, body=models.NewProduct(name="Generated cup", category="generated", price=350, stock=5))
    call(create_product, 201, client=staff, body=models.NewProduct(name="Generated bowl", category="generated", price=700, sku=None))
    registration = models.NewCustomer(username="generated", password="correct horse", full_name="Gene Rated", gender=models.Gender.OTHER)
    customer = call(register_customer, 201, client=visitor, body=registration)
    expect(customer.age is None and customer.created_at.tzinfo is not None, customer)
    print("registered")
    taken = call(register_customer, 409, client=visitor, body=registration)
    expect(taken.code == "username_taken" and taken.errors is UNSET, taken)
    call(credit_wallet, 201, "generated", client=staff, body=models.NewWalletEntry(amount=10_000))
    buyer = log_in("generated", "correct horse")
    order = models.NewOrder(items=[models.ItemQuantity(product_id=product.id, quantity=2)], expected_total=700)
    bought = call(create_order, 201, client=buyer, body=order, idempotency_key="generated-1")
    again = call(create_order, 201, client=buyer, body=order, idempotency_key="generated-1")
    expect(bought.status == models.OrderStatus.PAID and again.id == bought.id, again)
    print("bought")
    # More than the stock; the wallet would suffice.
    order.items[0].quantity = 6
    order.expected_total = UNSET
    short = call(create_order, 409, client=buyer, body=order)
    expect(short.code == "insufficient_stock" and short.errors[0].field == "items[0].quantity", short)
    parcel = models.NewShipment(carrier="Post", tracking_number="RR1", items=[models.ItemQuantity(product_id=product.id, quantity=1)])
    expect(call(ship_order, 200, bought.id, client=staff, body=parcel).shipments[0].carrier == "Post", "shipped")
    wish = models.NewReturn(kind=models.ReturnKind.WITHDRAWAL, items=[models.ItemQuantity(product_id=product.id, quantity=1)])
    asked = call(create_return, 201, bought.id, client=buyer, body=wish)
    expect(asked.status == models.ReturnStatus.REQUESTED and asked.items[0].received_quantity == 0, asked)
    call(decline_return, 200, bought.id, asked.id, client=staff, body=models.ReturnDecline(reason="a test"))
    refund = models.Refund(restock=True, reason="one was broken", items=[models.ItemQuantity(product_id=product.id, quantity=1)])
    refunded = call(refund_order, 200, bought.id, client=staff, body=refund)
    expect(refunded.refunded == 350 and call(get_order, 200, bought.id, client=buyer).refunded == 350, refunded)
    print("refunded")
    review = call(create_review, 201, client=buyer, body=models.NewReview(product_id=product.id, rating=5, title="Good"))
    expect(review.verified_purchase and review.status == models.ReviewStatus.PENDING and review.replied_at is None, review)
    print("reviewed")


def fill_cart(product, quantity):
    """The token of a new cart of a visitor."""
    made = call(create_cart, 201, client=visitor)
    expect(made.cart.problems[0].code == models.CartProblemCode.CART_EMPTY and made.cart.order_id is None, made)
    units = models.CartQuantity(quantity=quantity)
    filled = call(set_cart_item, 200, product.id, client=visitor, body=units, souk_cart=made.token)
    expect(filled.total == quantity * product.price and filled.items[0].quantity == quantity, filled)
    return made.token


def buy_as_guest():
    body = models.NewProduct(name="Generated jug", category="jugs", price=500, stock=5)
    product = call(create_product, 201, client=staff, body=body)
    token = fill_cart(product, 2)
    home = models.NewPostalAddress(name="Gina", lines=["1 Main St"], city="York", country="GB")
    choices = models.CartChange(shipping_address=home, email="gina@example.com", note=None)
    changed = call(update_cart, 200, client=visitor, body=choices, souk_cart=token)
    expect(changed.shipping_address.city == "York" and changed.problems == [], changed)
    payment = models.PaymentChoice(method=models.PaymentMethod.BANK_TRANSFER)
    checkout = models.CartCheckout(expected_total=1000, payment=payment)
    bought = call(check_out_cart, 201, client=visitor, body=checkout, souk_cart=token)
    expect(bought.username is None and bought.payment_status == "unpaid", bought)
    again = call(check_out_cart, 200, client=visitor, body=checkout, souk_cart=token)
    expect(again.id == bought.id and again.order_token == bought.order_token, again)
    seen = call(get_order, 200, bought.id, client=visitor, souk_order=bought.order_token)
    expect(seen.email == "gina@example.com" and seen.order_token is UNSET, seen)
    print("bought as a guest")
    buyer = log_in("generated", "correct horse")
    other = fill_cart(product, 1)
    claimed = call(claim_cart, 200, client=buyer, souk_cart=other)
    expect(claimed.items[0].product_id == product.id and call(get_cart, 200, client=buyer).total == 500, claimed)
    void = call(get_cart, 404, client=visitor, souk_cart=other)
    expect(void.code == "cart_not_found", void)
    print("claimed")


def list_with_cursor():
    names, after = [], UNSET
    while after is not None:
        page = call(list_products, 200, client=visitor, category="generated", limit=1, sort=models.ListProductsSort.NAME, after=after)
        names += [product.name for product in page.data]
        after = page.next_
    expect(names == ["Generated bowl", "Generated cup"], names)
    print("listed")


def call_everything():
    """Every operation, as nobody and as staff, with ids of nothing: no answer is one that the client does not expect."""
    with urllib.request.urlopen(f"{address}/docs/openapi.json") as answer:
        description = json.load(answer)
    schemas = description["components"]["schemas"]
    refused, modules = 0, [module.name for module in pkgutil.walk_packages(souk.api.__path__, "souk.api.") if not module.ispkg]
    wanted = sum(1 for path in description["paths"].values() for method in path if method in ("get", "post", "put", "patch", "delete"))
    expect(len(modules) == wanted, f"{len(modules)} operations are generated and {wanted} described")
    for module in map(importlib.import_module, modules):
        types = typing.get_type_hints(module._get_kwargs)
        parameters = {name: 10**15 if kind is int else "nobody" for name, kind in types.items() if kind in (int, str)}
        if "body" in types:
            # An optional body is a union with Unset.
            body = getattr(types["body"], "__args__", [types["body"]])[0]
            parameters["body"] = body.from_dict(schemas[body.__name__]["examples"][0])
        known = {name: parameters[name] for name, parameter in inspect.signature(module._get_kwargs).parameters.items()
                 if name in parameters or parameter.default is inspect.Parameter.empty}
        if "dry_run" in types:
            known["dry_run"] = True
        for client in (visitor, staff):
            answer = module.sync_detailed(client=client, **known)
            expect(answer.status_code < 500, f"{module.__name__}: {answer}")
            if answer.status_code >= 400:
                expect(isinstance(answer.parsed, models.Problem) and answer.parsed.status == answer.status_code, f"{module.__name__}: {answer}")
                refused += 1
            check_members(answer.parsed, module.__name__.split(".")[-1])
    print(f"called {len(modules)} operations, {refused} problems parsed")


buy_and_refund()
buy_as_guest()
list_with_cursor()
call_everything()

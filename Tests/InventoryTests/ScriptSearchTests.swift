import HTTP
import TestShop
import Testing

/// Searches and orders through the whole shop, in several scripts.
@Suite struct ScriptSearchTests {
    static let products: [(name: String, finds: [String])] = [
        ("Café crème", ["cafe", "CRE\u{300}ME", "café creme"]),
        ("Τσάι του βουνού", ["τσαι", "ΤΣΆΙ", "τσα\u{301}ι"]),
        ("Зелёный чай", ["зеленый", "чаи\u{306}", "ЗЕЛЕ\u{308}НЫЙ"]),
        ("شَاي أخضر", ["شاي", "اخضر", "شـاي"]),
        ("תֵּה יָרוֹק", ["תה", "ירוק"]),
        ("제주녹차", ["녹차", "\u{1102}\u{1169}\u{11A8}\u{110E}\u{1161}", "제주"]),
        ("宇治抹茶ラテ", ["抹茶", "ﾗﾃ", "らて", "治"]),
        ("ชาเขียวมัทฉะ", ["เขียว", "ชา", "มัทฉะ"]),
        ("Learn C++ and C#", ["c++", "c#", "C＃"]),
        ("Party 🎉", ["🎉", "🎉 party"]),
    ]

    @Test func findsEveryScript() throws {
        let shop = try TestShop()
        for (name, _) in Self.products {
            let body = #"{"name":"\#(name)","category":"c","price":1}"#
            #expect(try shop.send(.post, "/inventory", as: "sami", body).status.code == 201)
        }
        for (index, product) in Self.products.enumerated() {
            for typed in product.finds {
                let found = try SearchTests.found(typed, in: shop)
                #expect(found == [Int64(index + 3)], "\(typed) in \(product.name)")
            }
        }
        #expect(try shop.breaches() == [])
    }

    @Test func ordersNamesWithoutCaseAndAccents() throws {
        let shop = try TestShop()
        for name in ["zebra", "Éclair", "apple", "Äpfel", "Apple", "eclairs"] {
            let body = #"{"name":"\#(name)","category":"c","price":1}"#
            #expect(try shop.send(.post, "/inventory", as: "sami", body).status.code == 201)
        }
        let ids: [Int64] = [6, 7, 5, 4, 8, 3]
        #expect(try shop.ids("/inventory?sort=name&category=c") == ids)
        #expect(try shop.ids("/inventory?sort=-name&category=c") == ids.reversed())
        _ = try shop.send(.patch, "/inventory/3", as: "sami", #"{"name":"a"}"#)
        #expect(try shop.ids("/inventory?sort=name&category=c").first == 3)
        #expect(try shop.breaches() == [])
    }
}

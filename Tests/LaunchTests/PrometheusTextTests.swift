import Testing

@testable import Launch

@Suite struct PrometheusTextTests {
    @Test func followsTheTextFormat() {
        var page = PrometheusText()
        page.family("a_total", .counter, "How many.", 3)
        page.family(
            "b", .gauge, "How much.",
            [
                .init(labels: [("route", "/sales/:id"), ("code", "200")], value: "0.5"),
                .init(suffix: "_sum", value: "7"),
            ])
        #expect(
            page.text == """
                # HELP a_total How many.
                # TYPE a_total counter
                a_total 3
                # HELP b How much.
                # TYPE b gauge
                b{route="/sales/:id",code="200"} 0.5
                b_sum 7

                """)
    }

    /// A label value can end neither its quotes nor its line.
    @Test func escapesLabelValues() {
        var page = PrometheusText()
        page.family("a", .gauge, "b", [.init(labels: [("c", "\\ \" \n é\r\n\"} 1")], value: "1")])
        #expect(page.text.hasSuffix("\na{c=\"\\\\ \\\" \\n é\r\\n\\\"} 1\"} 1\n"))
    }
}

import Launch
import Testing

@testable import Service

@Suite struct DescriptionTests {
    static let routes = ResponderProgram.all.flatMap(\.routes)

    /// Operations that nginx answers itself.
    static let pages: Set<String> = ["GET /openapi.yaml", "GET /docs"]

    /// Routes that each responder has in addition to its slice (`HealthRoutes`, `MetricsRoutes`).
    static let operations: Set<String> = [
        "GET /healthz", "GET /customers/metrics", "GET /inventory/metrics", "GET /sales/metrics",
        "GET /reviews/metrics", "GET /courier/metrics",
    ]

    let description: Description

    init() throws {
        description = Description(try Project.text("openapi.yaml"))
    }

    @Test func everyRouteIsAnOperation() {
        let described = Set(description.operations.map(\.route))
        for route in Self.routes {
            let isThere = described.contains(route.description)
            #expect(isThere, "\(route.description) is not in openapi.yaml")
        }
    }

    @Test func everyOperationIsARoute() {
        let known = Self.pages.union(Self.operations).union(Self.routes.map(\.description))
        for operation in description.operations {
            let isThere = known.contains(operation.route)
            #expect(isThere, "\(operation.route) is in openapi.yaml only")
        }
        #expect(Set(description.operations.map(\.id)).count == description.operations.count)
    }

    @Test func operationsStateTheirRole() {
        for route in Self.routes {
            let operation = description.operations.first { $0.route == route.description }
            let role = route.access.leastRole?.rawValue ?? "anyone"
            #expect(operation?.leastRole == role, "\(route.description)")
        }
    }

    @Test func operationsStateWhetherTheyTakeTheTokenOfAnOrder() {
        for route in Self.routes {
            let operation = description.operations.first { $0.route == route.description }
            let takesOrderToken = if case .customerOrGuest = route.access { true } else { false }
            let isStated = operation?.security == "[{bearer: []}, {orderToken: []}]"
            #expect(isStated == takesOrderToken, "\(route.description)")
        }
    }

    @Test func everyCodeIsDescribed() throws {
        let known = try ProblemCodes.inSources().union(ProblemCodes.ofNginx().keys)
        let described = Set(description.codes.keys)
        #expect(known.subtracting(described) == [], "are not in openapi.yaml")
        #expect(described.subtracting(known) == [], "are in openapi.yaml and nowhere else")
    }

    @Test func nginxsCodesHaveTheirStatus() throws {
        for (code, status) in try ProblemCodes.ofNginx() {
            #expect(description.codes[code] == status, "\(code)")
        }
    }

    @Test func everyReferenceResolves() {
        let missing = description.references.subtracting(description.components)
        #expect(missing == [])
        let idle = description.components.subtracting(description.references)
        #expect(
            idle == [
                "#/components/securitySchemes/bearer", "#/components/securitySchemes/orderToken",
            ])
    }

    @Test func versionIsTheProgramsOwn() {
        #expect(description.version == Launch.version)
    }
}

/// The `code`s that problems can have.
enum ProblemCodes {
    /// Those of the programs: literals in calls of `Problem` and its shorthands.
    static func inSources() throws -> Set<String> {
        // No \b before a name: to Unicode `Problem.notFound` is one word.
        let places = [
            #/Problem\(\s*\.\w+,\s*"([a-z_]+)"/#,
            #/(?:badRequest|unauthorized|notFound|conflict)\(\s*"([a-z_]+)"/#,
            #/code: (?:String = )?"([a-z_]+)"/#,
        ]
        var codes: Set<String> = []
        for file in Project.swiftFiles(below: "Sources") {
            let text = try Project.text(file)
            for place in places {
                codes.formUnion(text.matches(of: place).map { String($0.output.1) })
            }
        }
        return codes
    }

    /// Those that nginx sends itself, each with its status.
    static func ofNginx() throws -> [String: String] {
        let text = try Project.text("nginx/http/problems.conf")
        let map = try #require(
            text.firstMatch(of: #/map \$status \$souk_problem_code \{([^}]*)\}/#)?.output.1)
        return Dictionary(
            map.matches(of: #/(\d{3}|default) ([a-z_]+);/#).map {
                (String($0.output.2), $0.output.1 == "default" ? "500" : String($0.output.1))
            }, uniquingKeysWith: { first, _ in first })
    }
}

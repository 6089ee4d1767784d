// swift-tools-version: 6.1
import PackageDescription

// One package, layers that import only downward. ARCHITECTURE.md draws the picture.
let package = Package(
  name: "erpq",
  products: [.executable(name: "erpq", targets: ["erpq"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    .systemLibrary(name: "CCrypto"),
    .systemLibrary(name: "CCurl"),
    .systemLibrary(name: "CEditline"),
    .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0"),
    .systemLibrary(name: "CMalloc"),
    .systemLibrary(name: "CXlsxWriter"),
    .systemLibrary(name: "CZeroMQ"),
    .systemLibrary(name: "CZlib"),
    .target(name: "ErpqBase"),
    .target(name: "ErpqDiagnostics", dependencies: ["ErpqBase"]),
    .target(name: "ErpqSyntax", dependencies: ["ErpqBase", "ErpqDiagnostics"]),
    .target(name: "ErpqTables", dependencies: ["ErpqBase", "CMalloc"]),
    .target(name: "ErpqFiles", dependencies: ["ErpqTables", "CXlsxWriter", "CZlib"]),
    .target(name: "ErpqAnalytics", dependencies: ["ErpqBase"]),
    .target(
      name: "ErpqSemantics", dependencies: ["ErpqSyntax", "ErpqDiagnostics", "ErpqTables"]),
    .target(
      name: "ErpqWarehouse",
      dependencies: ["ErpqTables", "ErpqFiles", .product(name: "GRDB", package: "GRDB.swift")]),
    .target(
      name: "ErpqOdoo",
      dependencies: [
        "ErpqBase", "ErpqTables", "ErpqFiles", "ErpqWarehouse", "CCurl", "CLibXML2", "TOMLKit",
      ]),
    .target(name: "ErpqRendering", dependencies: ["ErpqTables", "ErpqFiles"]),
    .target(
      name: "ErpqEngine",
      dependencies: [
        "ErpqSemantics", "ErpqAnalytics", "ErpqWarehouse", "ErpqFiles", "ErpqRendering",
        "ErpqStandardLibrary",
      ]),
    .target(
      name: "ErpqOdooSimulator", dependencies: ["ErpqWarehouse"],
      resources: [.embedInCode("Declarations/fields.txt")]),
    .target(name: "ErpqTooling", dependencies: ["ErpqSyntax", "ErpqSemantics"]),
    .target(
      name: "ErpqStandardLibrary", path: "stdlib", sources: ["StandardLibrary.swift"],
      resources: [
        .embedInCode("core.erpq"), .embedInCode("kpi/sales.erpq"), .embedInCode("kpi/inventory.erpq"),
        .embedInCode("kpi/service.erpq"), .embedInCode("kpi/purchasing.erpq"),
        .embedInCode("kpi/finance.erpq"),
        .embedInCode("kpi/customers.erpq"), .embedInCode("kpi/forecasting.erpq"),
        .embedInCode("kpi/quality.erpq"), .embedInCode("kpi/documents.erpq"),
        .embedInCode("dashboards/overview.erpq.md"), .embedInCode("dashboards/cfo.erpq.md"),
        .embedInCode("dashboards/sales.erpq.md"), .embedInCode("dashboards/warehouse.erpq.md"),
      ]),
    .target(
      name: "ErpqShell",
      dependencies: ["CEditline", "ErpqEngine", "ErpqRendering", "ErpqTooling", "ErpqFiles"]),
    .target(
      name: "ErpqLanguageServer",
      dependencies: ["ErpqEngine", "ErpqTooling", "ErpqFiles", "ErpqStandardLibrary"]),
    .target(
      name: "ErpqKernel",
      dependencies: ["ErpqEngine", "ErpqTooling", "ErpqFiles", "ErpqLanguageServer", "CCrypto", "CZeroMQ"]),
    .executableTarget(
      name: "erpq",
      dependencies: [
        "ErpqEngine", "ErpqOdoo", "ErpqOdooSimulator", "ErpqRendering", "ErpqTooling", "ErpqShell",
        "ErpqKernel", "ErpqLanguageServer", "ErpqStandardLibrary",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "erpq-bench-parse", dependencies: ["ErpqSyntax", "ErpqTooling"], path: "Benchmarks/parse/swift"),
    .executableTarget(name: "erpq-bench-read", dependencies: ["ErpqFiles"], path: "Benchmarks/read/swift"),
    .executableTarget(
      name: "erpq-bench-company", dependencies: ["ErpqAnalytics"], path: "Benchmarks/company/swift"),
    .executableTarget(
      name: "erpq-bench-inventory", dependencies: ["ErpqAnalytics"], path: "Benchmarks/inventory/swift"),
    .executableTarget(
      name: "erpq-bench-odoo", dependencies: ["ErpqOdoo"], path: "Benchmarks/odoo/swift"),
    .executableTarget(
      name: "erpq-bench-forecast", dependencies: ["ErpqAnalytics", "ErpqFiles"],
      path: "Benchmarks/forecast/swift"),
    .executableTarget(
      name: "erpq-fuzz", dependencies: ["ErpqSyntax", "ErpqTooling"], path: "Tests/Fuzz/Mutations"),
    .executableTarget(
      name: "erpq-bench", dependencies: ["ErpqTables"], path: "Benchmarks/tables",
      exclude: ["peers.py", "run.sh"]),
    .target(name: "SyntaxSamples", path: "Tests/SyntaxSamples"),
    .testTarget(name: "ErpqBaseTests", dependencies: ["ErpqBase"]),
    .testTarget(name: "ErpqSyntaxTests", dependencies: ["ErpqSyntax", "SyntaxSamples"]),
    .testTarget(name: "ErpqTablesTests", dependencies: ["ErpqTables"]),
    .testTarget(name: "ErpqFilesTests", dependencies: ["ErpqFiles"]),
    .testTarget(
      name: "ErpqAnalyticsTests", dependencies: ["ErpqAnalytics"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ErpqSemanticsTests",
      dependencies: ["ErpqSemantics", "ErpqTooling", "ErpqEngine", "ErpqStandardLibrary"]),
    .testTarget(
      name: "ErpqToolingTests", dependencies: ["ErpqTooling", "ErpqSyntax", "SyntaxSamples"],
      resources: [.copy("Fixtures")]),
    .testTarget(name: "ErpqWarehouseTests", dependencies: ["ErpqWarehouse"]),
    .testTarget(
      name: "ErpqOdooSimulatorTests", dependencies: ["ErpqOdooSimulator"], resources: [.copy("Fixtures")]),
    .testTarget(name: "ErpqRenderingTests", dependencies: ["ErpqRendering"], exclude: ["Golden"]),
    .testTarget(name: "ErpqEngineTests", dependencies: ["ErpqEngine"]),
    .testTarget(
      name: "ErpqOdooTests",
      dependencies: [
        "ErpqOdoo", "ErpqOdooSimulator", "ErpqWarehouse", .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .testTarget(name: "ErpqShellTests", dependencies: ["ErpqShell", "ErpqFiles"]),
    .testTarget(name: "ErpqLanguageServerTests", dependencies: ["ErpqLanguageServer"]),
    .testTarget(name: "ErpqKernelTests", dependencies: ["ErpqKernel", "CZeroMQ"]),
  ],
  swiftLanguageModes: [.v6]
)

/// The table of fields, embedded in the binary.
enum DeclarationTable {
  static let text = String(decoding: PackageResources.fields_txt, as: UTF8.self)
}

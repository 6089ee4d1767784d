/// A growing run of plain values behind a constant pointer: adding one neither counts references nor checks for
/// overlapping access, which for a million cells would cost more than reading them.
struct CellBuffer<Element: BitwiseCopyable> {
  private struct Header {
    var base: UnsafeMutablePointer<Element>
    var count = 0
    var capacity: Int
  }

  private let header: UnsafeMutablePointer<Header>

  init() {
    header = .allocate(capacity: 1)
    header.initialize(to: Header(base: .allocate(capacity: 1024), capacity: 1024))
  }

  var count: Int { header.pointee.count }

  @inline(__always)
  func append(_ value: Element) {
    let at = header.pointee.count
    if at == header.pointee.capacity { grow() }
    (header.pointee.base + at).initialize(to: value)
    header.pointee.count = at + 1
  }

  private func grow() {
    let wider = UnsafeMutablePointer<Element>.allocate(capacity: header.pointee.capacity * 2)
    wider.moveInitialize(from: header.pointee.base, count: header.pointee.count)
    header.pointee.base.deallocate()
    header.pointee.base = wider
    header.pointee.capacity *= 2
  }

  /// The values so far.
  var array: [Element] { Array(UnsafeBufferPointer(start: header.pointee.base, count: header.pointee.count)) }

  /// Gives the memory back; the buffer must not be used afterwards.
  func deallocate() {
    header.pointee.base.deallocate()
    header.deallocate()
  }
}

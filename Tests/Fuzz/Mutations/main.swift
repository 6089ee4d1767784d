import Glibc

// erpq-fuzz [--count N] [--seed S]: mutates good statements and checks what must hold for every text.

var count = 200_000
var seed: UInt64 = 1
var arguments = CommandLine.arguments.dropFirst()
while let option = arguments.popFirst() {
  let value = arguments.popFirst()
  if option == "--count", let number = value.flatMap({ Int($0) }), number >= 0 {
    count = number
  } else if option == "--seed", let number = value.flatMap({ UInt64($0) }) {
    seed = number
  } else {
    complain("erpq-fuzz takes --count N and --seed S, both whole numbers\n")
    exit(2)
  }
}

installCrashReport()
var mutator = Mutator(seed: seed, examples: corpus(script: fixtureScript()))
let clock = ContinuousClock()
let start = clock.now
var size = 0
var slowest: (time: Duration, input: [UInt8]) = (.zero, [])
for number in 0..<count {
  let input = mutator.next()
  remember(input)
  size += input.count
  let before = clock.now
  // A caller that reads a file replaces what is no UTF-8, and so does this.
  if let problem = violation(of: String(decoding: input, as: UTF8.self), thorough: number % 32 == 0) {
    complain("input \(number) of seed \(seed): \(problem)\ninput (escaped):\n\(escaped(input))\n")
    exit(1)
  }
  let time = clock.now - before
  if time > slowest.time { slowest = (time, input) }
}
print("\(count) inputs, \(size) bytes, seed \(seed): every check held in \(clock.now - start)")
print(
  "slowest input: \(slowest.time) for \(slowest.input.count) bytes, \(escaped(Array(slowest.input.prefix(60))))"
)

# make run     open erpq on the demo company      make test    build and run every test
# make check   format lint, generated files       make bench   the races of Benchmarks/
PREFIX ?= /usr/local
RELEASE = .build-release/release/erpq
export SWIFT_BACKTRACE = enable=no

.PHONY: run test build deps check docs install bench fuzz clean

run: build
	@if [ -t 0 ] && [ -t 1 ]; then $(RELEASE); else $(RELEASE) run --echo examples/tour.erpq; fi

build: deps
	@scripts/build

deps:
	@scripts/deps

test: build
	@scripts/test

check:
	@scripts/check

docs: build
	@scripts/docs

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(RELEASE) $(DESTDIR)$(PREFIX)/bin/erpq
	$(RELEASE) man > $(DESTDIR)$(PREFIX)/share/man/man1/erpq.1
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(RELEASE) --generate-completion-script bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/erpq
	$(RELEASE) --generate-completion-script zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_erpq
	$(RELEASE) --generate-completion-script fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/erpq.fish

bench: build
	@scripts/bench

fuzz:
	swift build -c release --static-swift-stdlib --scratch-path .build-release --product erpq-fuzz
	.build-release/release/erpq-fuzz --count 200000 --seed 1

clean:
	rm -rf .build .build-release

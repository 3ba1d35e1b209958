# The commands of the project; the scripts are in make/. `make help` prints the lines that begin with ##.

.DEFAULT_GOAL := help
.PHONY: run test unit check lint format build bench bench-growth torture reset-demo install deb deps clean help
MAKEFLAGS += --no-print-directory --no-builtin-rules

# `make install` writes below DESTDIR, or to / if it is empty.
DESTDIR ?=
prefix ?= /usr

## run           build a release and serve a shop at http://127.0.0.1:8080 (SOUK_HOME, SOUK_LISTEN, SOUK_PORT, SOUK_SERVER_NAMES, SOUK_PROXIES, SOUK_LOGS, SOUK_DEMO, SOUK_RATE_LIMITS)
run:
	@make/deps.sh run
	@make/build.sh
	@exec make/run.sh

## test          run every test
test:
	@make/deps.sh test
	@make/test.sh

## unit          run the Swift tests only
unit:
	@make/deps.sh test
	@make/unit.sh

## check         lint, then run the Swift tests: the quick round before a commit
check: lint unit

## lint          check the style of Swift and shell, and nginx's files with nginx and gixy
lint:
	@make/deps.sh lint
	@make/lint.sh

## format        format the Swift files
format:
	swift format format --in-place --parallel --recursive --configuration .swift-format Sources Tests Package.swift

## build         build a release of the four responders, the courier and souk
build:
	@make/deps.sh build
	@make/build.sh

## bench         compare the speed with C, PHP-FPM and nginx, on SQLite and PostgreSQL (BENCH_SECONDS, BENCH_ROUNDS)
bench:
	@make/deps.sh bench
	@make/build.sh
	@Tests/Benchmarks/bench.sh
	@exec Tests/Benchmarks/bench-postgres.sh

## bench-growth  compare a small shop with a large one: a table and a plot (GROWTH_SHOP, GROWTH_DATABASE)
bench-growth:
	@make/deps.sh bench
	@make/build.sh
	@exec Tests/Benchmarks/growth.sh

## torture       attack shops of its own: kill -9, power cuts, full disks, floods, malformed input (SOUK_SEED)
torture:
	@make/deps.sh torture
	@make/build.sh
	@exec Tests/Torture/torture.py

## reset-demo    delete and create the demo shop of `make run`, which must be stopped (SOUK_HOME)
reset-demo: build
	@make/reset-demo.sh

## install       install the release build below DESTDIR: programs, units, nginx's files, manual, completions
install: build
	@DESTDIR="$(DESTDIR)" prefix="$(prefix)" make/install.sh

## deb           build a Debian package in dist/
deb:
	@make/deps.sh deb
	@make/deb.sh

## deps          install the Debian packages that run and test need
deps:
	@make/deps.sh test

## clean         delete all builds; keep the shop in .souk
clean:
	swift package clean

## help          list these commands
help:
	@sed -n 's/^## /make /p' Makefile

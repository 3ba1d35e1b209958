# What can be done with Souk. The doing is in make/.

.DEFAULT_GOAL := help
.PHONY: run test build bench bench-growth torture lint install deb clean deps help
MAKEFLAGS += --no-print-directory --no-builtin-rules

# Where install puts things: below DESTDIR, which is / if empty.
DESTDIR ?=
prefix ?= /usr

## run      open the shop at http://127.0.0.1:8080 (SOUK_HOME, SOUK_PORT, SOUK_DEMO, SOUK_RATE_LIMITS)
run:
	@make/deps.sh run
	@make/build.sh
	@exec make/run.sh

## test     run every test
test:
	@make/deps.sh test
	@make/test.sh

## build    a release build of the four responders and souk
build:
	@make/deps.sh build
	@make/build.sh

## bench    how fast it is beside C, PHP-FPM and nginx alone, in one run (BENCH_SECONDS, BENCH_ROUNDS)
bench:
	@make/deps.sh bench
	@make/build.sh
	@exec Tests/Benchmarks/bench.sh

## bench-growth  whether it becomes slow as it grows: a table and a plot (GROWTH_SHOP, GROWTH_DATABASE)
bench-growth:
	@make/deps.sh bench
	@make/build.sh
	@exec Tests/Benchmarks/growth.sh

## torture  kill -9, power cuts, full disks, crowds, bad input: nothing acknowledged is lost (SOUK_SEED)
torture:
	@make/deps.sh torture
	@make/build.sh
	@exec Tests/Torture/torture.py

## lint     style of Swift and shell, and what nginx and gixy think of nginx's files
lint:
	@make/deps.sh lint
	@make/lint.sh

## install  the release build below DESTDIR: programs, units, nginx's files, manual, completions
install: build
	@DESTDIR="$(DESTDIR)" prefix="$(prefix)" make/install.sh

## deb      a Debian package in dist/
deb:
	@make/deps.sh deb
	@make/deb.sh

## deps     the Debian packages that run and test need
deps:
	@make/deps.sh test

## clean    forget every build; the shop in .souk stays
clean:
	swift package clean

## help     this list
help:
	@sed -n 's/^## /make /p' Makefile

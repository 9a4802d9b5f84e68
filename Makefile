# make        build/okng and the libraries
# make demo   set up this machine, build, run the main job, say where the pictures are
# make test   set up this machine, build with sanitizers and without, run every test
# make install PREFIX=/usr/local, make uninstall   the command, the library and their documents, in place or away
# make test-long   the same tests' long forms, as every allocation that fails and every kill; hours
# make fuzz   every fuzz target for FUZZ_SECONDS (60) seconds
# make bench  okng beside torch, onnxruntime, FAISS and scikit-learn, which it installs; minutes; never in CI
# make deb    Debian packages of the library, its headers and the command, in build/
# make format
.DELETE_ON_ERROR:
PREFIX ?= /usr/local
.PHONY: all install uninstall demo test test-long fuzz bench deb format clean setup setup-test setup-deb

all: build/build.ninja
	@ninja -C build okng_products

setup:
	@tools/setup.sh build serve

setup-test:
	@tools/setup.sh build serve mpi test

setup-deb:
	@tools/setup.sh build serve mpi package

build/build.ninja: | setup
	@cmake --preset release -DOKNG_TESTS=OFF >build-configure.log 2>&1 || { cat build-configure.log; rm -f build-configure.log; exit 1; }
	@rm -f build-configure.log

install: all
	@cmake --install build --prefix "$(PREFIX)" >build/install.log || { cat build/install.log; exit 1; }
	@[ -n "$$DESTDIR" ] || ldconfig 2>/dev/null || true
	@echo "installed below $$DESTDIR$(PREFIX): $$(wc -l <build/install_manifest.txt) files; make uninstall removes them"

uninstall:
	@cmake --build build --target uninstall

demo: all
	@tools/demo.sh build/okng

test: setup-test
	@tests/run.sh

test-long: setup-test
	@tests/long.sh

fuzz:
	@tools/fuzz.sh

bench: all
	@tools/bench.sh

deb: setup-deb
	@cmake --preset deb >build-deb.log 2>&1 && ninja -C build/deb >>build-deb.log 2>&1 && \
	    cpack --config build/deb/CPackConfig.cmake -B build/packages >>build-deb.log 2>&1 || { cat build-deb.log; exit 1; }
	@mv build/packages/*.deb build/ && rm -rf build/packages build-deb.log && ls build/*.deb

format:
	@git ls-files '*.c' '*.h' '*.cpp' '*.hpp' | xargs clang-format -i

clean:
	rm -rf build

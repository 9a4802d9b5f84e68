# make        build/okng and the libraries
# make demo   set up this machine, build, run the main job, say where the pictures are
# make test   set up this machine, build with sanitizers and without, run every test
# make fuzz   every fuzz target for FUZZ_SECONDS (60) seconds
# make format
.DELETE_ON_ERROR:
.PHONY: all demo test fuzz format clean setup setup-test

all: build/build.ninja
	@ninja -C build okng okng_shared okng_pages

setup:
	@tools/setup.sh build

setup-test:
	@tools/setup.sh build test

build/build.ninja: | setup
	@cmake --preset release -DOKNG_TESTS=OFF >build-configure.log 2>&1 || { cat build-configure.log; rm -f build-configure.log; exit 1; }
	@rm -f build-configure.log

demo: all
	@tools/demo.sh build/okng

test: setup-test
	@tests/run.sh

fuzz:
	@tools/fuzz.sh

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	rm -rf build

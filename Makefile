# make            the nginx module and the command-line tool, in build/
# make web        what the pages load, in build/web; needs Node and npm
# make demo       a whole practice centre on http://127.0.0.1:8080/wenming/
# make test       everything that must always hold
# make bench      how fast it is, beside others; five minutes
# make fuzz       SECONDS=60, for each target of tests/fuzz
# make faults     what goes wrong, made under load: nothing may be lost
# make sanitize   all of t/ with ASan and UBSan, then under valgrind
# make coverage   how much of core/ the unit tests run
# make timing     whether the time of an answer tells a secret
# make lint       clang-tidy, cppcheck, 80 columns
# make browser    the pages in Chromium, a part of make test
# make web-report  weight, paint times and axe of the pages, a table
# make openapi-lint   docs/api/openapi.json, with npm
# make install    DESTDIR= PREFIX=/usr

NGINX_SRC ?= /usr/share/nginx/src
PREFIX    ?= /usr
MODULES   ?= /usr/lib/nginx/modules
BUILD     := build
SAN       ?=

CC        ?= cc
WARN      := -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wshadow \
             -Wstrict-prototypes
CFLAGS    ?= -O2 -g
LIBS      := -l:libhiredis.a -lqrencode -ljansson -lcurl -lcrypto -lz \
             -l:libmsgpuck.a
TOOL_LIBS := $(LIBS) -lsqlite3 -lpq
PQ        := -I/usr/include/postgresql

CORE      := $(wildcard core/*.c)
CLI       := $(wildcard cli/*.c)
MODULE    := $(wildcard ngx_wenming_module/*.[ch] lua-free-handlers/*.[ch] \
                        core/*.[ch]) config
WEB       := $(BUILD)/web/style-hash
EMBED     := redis/commit.lua $(wildcard templates/*.html sql/*.sql) \
             tools/embed $(WEB)

CORE_O    := $(CORE:%.c=$(BUILD)/%.o) $(BUILD)/wm_embed.o
CLI_O     := $(CLI:%.c=$(BUILD)/%.o)

.PHONY: all web module tool packages demo demo-stop demo-clean test sanitize \
        unit http bench browser web-report faults coverage fuzz lint timing \
        install clean openapi-lint

all: module tool

packages:
	@tools/install-packages make demo test

# ---- what the pages load

web: $(WEB)

$(WEB): tools/web $(wildcard web/*.* web/css/*.css web/ts/*.ts) \
        docs/design-system/index.html
	tools/web $(abspath $(BUILD))/web

# ---- the tool and what it shares with the module

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) $(SAN) -Icore $(PQ) -MMD -MP -c $< -o $@

$(BUILD)/wm_embed.c: $(EMBED)
	@mkdir -p $(@D)
	tools/embed . > $@

$(BUILD)/wm_embed.o: $(BUILD)/wm_embed.c
	$(CC) $(WARN) $(CFLAGS) $(SAN) -Icore -c $< -o $@

$(BUILD)/libwenming.a: $(CORE_O)
	@rm -f $@
	ar rcs $@ $^

tool: $(BUILD)/wenming

$(BUILD)/wenming: $(CLI_O) $(BUILD)/libwenming.a
	$(CC) $(CFLAGS) $(SAN) $(CLI_O) -o $@ $(BUILD)/libwenming.a \
	    $(TOOL_LIBS)

-include $(CORE_O:.o=.d) $(CLI_O:.o=.d)

# ---- the module, against Debian's nginx-dev

module: $(BUILD)/ngx_wenming_module.so

# a new file in these folders means a new configure, which embeds the web
SOURCES := core ngx_wenming_module lua-free-handlers
NGINX   := $(abspath $(BUILD))/nginx

$(NGINX)/objs/Makefile: config Makefile $(NGINX_SRC)/conf_flags $(SOURCES) \
        | $(WEB)
	rm -rf $(NGINX)
	mkdir -p $(NGINX)
	cp -rs $(NGINX_SRC)/. $(NGINX)/
	cd $(NGINX) && bash -c '. ./conf_flags && \
	    ./configure "$${NGX_CONF_FLAGS[@]}" \
	    --with-cc-opt="-g -O2 -Wall -Wextra -Werror \
	        -Wno-unused-parameter $(SAN)" \
	    --with-ld-opt="$(SAN)" \
	    --add-dynamic-module=$(CURDIR)' > configure.log \
	    || { tail -n 20 $(NGINX)/configure.log; rm -f $@; exit 1; }

$(BUILD)/ngx_wenming_module.so: $(NGINX)/objs/Makefile $(MODULE) $(EMBED)
	tools/embed . > $(NGINX)/objs/wenming/wm_embed.c
	$(MAKE) -C $(NGINX) -f objs/Makefile modules > $(NGINX)/make.log 2>&1 \
	    || { grep -E '(error|warning):' -A 5 $(NGINX)/make.log; exit 1; }
	cp $(NGINX)/objs/ngx_wenming_module.so $@.new
	mv $@.new $@   # a running nginx keeps the old one

# ---- running it

demo: ; @demo/demo start
demo-stop: ; @demo/demo stop
demo-clean: ; @demo/demo clean

test: ; @tools/test
openapi-lint: ; @tests/openapi/lint
bench: ; @bench/run
browser: ; @tests/browser/run
web-report: ; @WALKS=report tests/browser/run
sanitize:
	@tests/sanitize/run address
	@tests/sanitize/run valgrind
faults: ; @tools/install-packages make demo test faults && \
	    $(MAKE) -s all && tests/fault/run $(if $(SECONDS),--seconds $(SECONDS))
fuzz: ; @tests/fuzz/run $(SECONDS)
lint: ; @tests/lint/run
timing: ; @tests/timing/run
coverage: ; @tests/coverage/run

install: all
	install -D -m 755 $(BUILD)/wenming $(DESTDIR)$(PREFIX)/bin/wenming
	install -D -m 644 $(BUILD)/ngx_wenming_module.so \
	    $(DESTDIR)$(MODULES)/ngx_wenming_module.so
	install -d $(DESTDIR)$(PREFIX)/share/wenming/web/a \
	    $(DESTDIR)$(PREFIX)/share/wenming/templates \
	    $(DESTDIR)/etc/wenming
	install -m 644 $(BUILD)/web/a/* \
	    $(DESTDIR)$(PREFIX)/share/wenming/web/a
	install -m 644 $(BUILD)/web/elements.js \
	    $(DESTDIR)$(PREFIX)/share/wenming/web
	install -m 644 templates/*.html \
	    $(DESTDIR)$(PREFIX)/share/wenming/templates

clean:
	rm -rf $(BUILD)

# SPDX-License-Identifier: BSD-2-Clause
# packaging.mk: the tarball and the packages. Makefile.am includes it.

EXTRA_DIST += packaging/tarball packaging/release packaging/debian packaging/rpm tests/packages \
	tests/packages-inside tests/packages.golden

# ---- completion in bash ------------------------------------------------------------------------------
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = packaging/bash-completion/mailmend
python_tests += tests/cli/test_completion.py
python_tests += tests/milter/test_logcheck.py

# ---- the tarball -----------------------------------------------------------------------------------
# In place of what configure found: times, owners and order are the same in each run.
am__tar = $(SHELL) $(abs_srcdir)/packaging/tarball "$$tardir"

# ---- packages, in the folder "packages" of the build -------------------------------------------------
# What they are made of is the tarball, not the checkout. Options of dpkg-buildpackage: "make deb
# DEBFLAGS=-S" makes the source package.
DEBFLAGS = -b
RPMFLAGS = -bb
debian_source = packages/deb/$(PACKAGE)-$(VERSION)

deb: dist-xz
	rm -rf packages/deb && $(MKDIR_P) packages/deb
	$(INSTALL_DATA) $(distdir).tar.xz packages/deb/$(PACKAGE)_$(VERSION).orig.tar.xz
	tar -C packages/deb -xf $(distdir).tar.xz
	cp -R $(debian_source)/packaging/debian $(debian_source)/debian
	cd $(debian_source) && dpkg-buildpackage -us -uc $(DEBFLAGS)
	rm -rf $(debian_source)
	@echo "The packages are in $(abs_builddir)/packages/deb:" && ls packages/deb

# Where Fedora's macros are missing, those that the spec needs are in macros.other. What a foreign
# package manager does not know it cannot ask for (--nodeps).
rpm: dist-xz
	rm -rf packages/rpm && $(MKDIR_P) packages/rpm/SOURCES
	$(INSTALL_DATA) $(distdir).tar.xz $(srcdir)/packaging/systemd/mailmend.sysusers packages/rpm/SOURCES
	other=; test "`rpm --eval '%{?_unitdir}'`" != '' || \
		other="--load=$(abs_srcdir)/packaging/rpm/macros.other --nodeps"; \
	rpmbuild $(RPMFLAGS) --define "_topdir $(abs_builddir)/packages/rpm" $$other \
		$(srcdir)/packaging/rpm/mailmend.spec
	rm -rf packages/rpm/BUILD packages/rpm/BUILDROOT
	@echo "The packages are in $(abs_builddir)/packages/rpm:" && \
		cd packages/rpm && find . -name '*.rpm'
.PHONY: deb rpm

clean-local:
	rm -rf packages

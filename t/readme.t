#!/usr/bin/perl
# Every command, configuration and curl line of README.md, run as written.

use strict;
use warnings;
use utf8;

use Cwd qw(getcwd);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use Test::More;

my $root = getcwd();
my $tmp = tempdir('/tmp/wmr.XXXXXX', CLEANUP => 1);

sub slurp {
    my ($path) = @_;
    open my $fh, '<:raw', $path or die "$path: $!";
    local $/;
    return scalar <$fh>;
}

sub blocks {
    my ($text, $kind) = @_;
    return $text =~ /^```$kind\n(.*?)^```$/msg;
}

sub run {
    my ($script) = @_;
    open my $fh, '>:raw', "$tmp/script" or die $!;
    print $fh $script;
    close $fh;
    my $out = qx(bash $tmp/script 2>&1 </dev/null);
    return ($? >> 8, $out);
}

my $readme = slurp('README.md');
my @sh = blocks($readme, 'sh');
cmp_ok(scalar @sh, '>=', 6, 'README has blocks to run');

# The demo on a port and in a clone of its own: a demo that a person runs
# from this tree at the same time stays untouched.

my $clone = "$tmp/clone";
my @files = split /\0/, qx(git ls-files -z --cached --others --exclude-standard);
for my $file (grep { -f $_ } @files) {
    my ($dir) = "$clone/$file" =~ m{^(.*)/};
    system('mkdir', '-p', $dir) == 0 or die;
    system('cp', '-p', $file, "$clone/$file") == 0 or die;
}
system('cp', '-a', 'build', "$clone/build") == 0 or die if -d 'build';

my $free = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1');
my $port = $free->sockport;
close $free;

# touch what is built, so that the clone does not build it again
system("touch $clone/build/nginx/objs/Makefile"
       . " && find $clone/build -type f -newermt 1970-01-02 -exec touch {} +");

my $first = shift @sh;
is($first, "make demo\n", 'the first command is make demo');
my ($rc, $out) = run("cd $clone && WENMING_PORT=$port make demo");
is($rc, 0, 'make demo') or diag($out);

END {
    if (defined $clone && -d $clone) {
        my $kept = $?;
        system("cd $clone && demo/demo clean >/dev/null 2>&1");
        $? = $kept;
    }
}

# The other blocks share their variables, as in one shell.

my $mark = '=== next';
($rc, $out) = run("cd $clone\nset -e\n"
                  . join("\necho; echo '$mark'\n", @sh));
is($rc, 0, 'the blocks run') or diag($out);

my @out = split /\Q$mark\E\n/, $out;
like($out[0], qr/"id":"science-01"/, 'the menu');
like($out[1], qr/"status":"submitted"/, 'an order');
like($out[2], qr/"role":"worker"/, 'a worker signs in');
like($out[2], qr/"phone":"13800000000"/, 'and sees the order');
like($out[3], qr/^201$/m, 'checked in');
like($out[3], qr/"138\*\*\*\*0000"/, 'on the roster');
like($out[4], qr/^sign\s+1\s+hmac-sha256/m, 'keys list');
like($out[4], qr/0 added/, 'importing again adds nothing');

($rc, $out) = run("cd $clone\nset -e\n" . join("\n", @sh[0, 1, 2, 3]));
like($out, qr/^200$/m, 'the same check-in again: 200');

# The configuration, with paths of a DESTDIR in place of the system's.

my ($conf) = blocks($readme, 'nginx');
($rc, $out) = run("cd $clone && make install DESTDIR=$tmp/dest"
                  . " && $tmp/dest/usr/bin/wenming keys new"
                  . " $tmp/dest/etc/wenming/keys");
is($rc, 0, 'make install, wenming keys new') or diag($out);

$conf =~ s{modules/ngx_wenming}{$tmp/dest/usr/lib/nginx/modules/ngx_wenming};
$conf =~ s{ (/etc/wenming|/usr/share)}{ $tmp/dest$1}g;
my $here = join "\n", "events { }", "pid $tmp/pid; error_log stderr;",
    "http {", "access_log off; wenming_checkpoints $tmp/checkpoints;",
    map({ "${_}_temp_path $tmp/$_;" }
        qw(client_body proxy fastcgi scgi uwsgi)), "";
$conf =~ s/^http \{$/$here/m;
open my $fh, '>:raw', "$tmp/nginx.conf" or die $!;
print $fh $conf;
close $fh;
($rc, $out) = run("nginx -t -c $tmp/nginx.conf");
is($rc, 0, 'the configuration is accepted') or diag($out);

# What the documents list is what the code has.

my $directives = slurp('docs/directives.md');
my %coded = map { $_ => 1 }
    slurp('ngx_wenming_module/ngx_wenming_module.c')
    =~ /ngx_string\("(wenming\w*)"\),\n\s+NGX_/g;
my %documented = map { $_ => 1 } $directives =~ /^## (wenming\w*)$/mg;
is_deeply(\%documented, \%coded, 'docs/directives.md lists every directive');

my $dependencies = slurp('docs/dependencies.md');
for my $package (grep { !/^#/ && length } split /\n/,
                 slurp('tools/packages.txt')) {
    like($dependencies, qr/`\Q$package\E`/, "$package has a reason");
}

done_testing();

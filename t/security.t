use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# docs/security.md names tests: each is there, and has what is said of it.

my $root = $Wenming::Site::ROOT;
my $read = sub { Encode::decode('UTF-8', Wenming::Site::read_file("$root/$_[0]")) };
my $text = $read->('docs/security.md');
my %id;
my $named = 0;

for my $line (grep { /^\| \d/ } split /\n/, $text) {
    my ($ids, undef, $shown) = $line =~ /^\| (.*?) \| (.*?) \| (.*) \|$/
        or next;

    for my $id (split /, /, $ids) {
        like $id, qr/^\d+\.\d+\.\d+$/, "$id is a number of the standard";
        ok !$id{$id}++, 'that stands here once';
    }

    ok $shown =~ m{`t|\]\(|does not apply, because |\bopen\b|\bhere\b},
       "$ids: a test, or why there is none" or diag($shown);

    while ($shown =~ m{`((?:t|tests)/[^`]+)`(?::\ ([^;`]+))?}g) {
        my ($file, $what) = ($1, $2);

        ok -e "$root/$file", "$ids: $file";
        $named++;
        next if !defined $what;

        $what =~ s/,\s*$//;
        ok index($read->($file), $what) >= 0, "$file has: $what";
    }
}

cmp_ok scalar keys %id, '>', 240, 'both levels';
cmp_ok $named, '>', 100, 'with tests';

for my $link ($text =~ /\]\(([^)#]+)[^)]*\)/g) {
    ok -e "$root/docs/$link", "docs/$link";
}

done_testing();

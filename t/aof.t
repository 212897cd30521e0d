#!/usr/bin/perl
# What a crash left half written at the end of Redis's append-only file goes
# before Redis starts, a whole commit at a time; what is damaged elsewhere is
# not touched.

use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

my $site = site();
my $web = $site->browser;
my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my $log = "$site->{dir}/redis/appendonlydir/appendonly.aof.1.incr.aof";
my $manifest = "$site->{dir}/redis/appendonlydir/appendonly.aof.manifest";


sub order {
    my ($n) = @_;

    return $web->post('api/orders', json => {
        course => 'party-01', unit => 'wenyilu-1', wanted => [$day],
        head_count => 30, contact_name => '测试居民',
        phone => $site->phone($n) })->{status};
}


sub mend {
    return Wenming::Site::run("$Wenming::Site::BUILD/wenming", 'aof', 'mend',
                              @_);
}


is order(1), 201, 'an order';

my ($rc, $said) = mend($manifest);

is $rc, 1, 'while Redis runs its file is left alone';
like $said, qr/Redis is running/, 'and it says why';

my $entries = $site->journal_length;

$site->stop_redis('KILL');

my $whole = Wenming::Site::read_file($log);
my ($last) = $whole =~ /.*(\*1\r\n\$5\r\nMULTI\r\n.*)\z/s;

($rc, $said) = mend($manifest);
is $rc, 0, 'a whole file';
like $said, qr/whole, \d+ bytes/, 'is said to be whole';
is Wenming::Site::read_file($log), $whole, 'and stays as it is';

my $before = length($whole) - length $last;


# ---- torn: in the middle of a commit, of a word, of a number; with zeros

for my $case (['between two commands', $last =~ s/\*1\r\n\$4\r\nEXEC\r\n\z//r],
              ['in its last word', substr $last, 0, -3],
              ['in a number', substr($last, 0, -14) . '*'],
              ['in a text', substr $last, 0, length($last) / 2],
              ['with zeros behind it',
               substr($last, 0, length($last) / 2) . "\0" x 5000])
{
    my ($what, $torn) = @$case;

    Wenming::Site::write_file($log, substr($whole, 0, $before) . $torn);
    ($rc, $said) = mend($manifest);
    is $rc, 0, "torn $what";
    like $said, qr/cut ${\ length $torn} bytes off/, 'says how much it cut';
    is Wenming::Site::read_file($log), substr($whole, 0, $before),
       'the whole commit is gone, and nothing else';
    is Wenming::Site::read_file("$log.torn-at-$before"), $torn,
       'it is kept beside';
    unlink "$log.torn-at-$before";
}

$site->start_redis;
is $site->journal_length, $entries - 1, 'Redis has the entry before';
ok $site->until(10, sub { order(2) == 201 }), 'and goes on';
$site->stop_redis('KILL');
$site->start_redis;
is $site->journal_length, $entries, 'also after one more start';
is +($site->tool('audit'))[0], 0, 'the chain is whole';
$site->stop_redis('KILL');
$whole = Wenming::Site::read_file($log);


# ---- damaged: not at its end

my $nested = $whole =~ s/\*1\r\n\$4\r\nEXEC\r\n(?=.*EXEC)//sr;
my $changed = $whole;

substr $changed, index($changed, 'MULTI') - 5, 1, 'x';

for my $case (['a commit without an end', $nested],
              ['a byte that was changed', $changed]) {
    my ($what, $text) = @$case;

    Wenming::Site::write_file($log, $text);
    ($rc, $said) = mend($manifest);
    is $rc, 1, $what;
    like $said, qr/damaged at byte \d+ or behind, not at its end/,
         'is a matter for somebody';
    is Wenming::Site::read_file($log), $text, 'nothing was changed';
}

Wenming::Site::write_file($log, $whole);


# ---- other files

($rc, $said) = mend("$site->{dir}/nowhere/appendonly.aof.manifest");
is $rc, 0, 'before the first start of Redis';
like $said, qr/not there yet/, 'there is nothing';

Wenming::Site::write_file("$site->{dir}/one.aof",
                          substr $whole, 0, length($whole) - 1);
($rc, $said) = mend("$site->{dir}/one.aof");
is $rc, 0, 'one file, as before Redis 7';
like $said, qr/cut \d+ bytes/, 'is mended, too';

Wenming::Site::write_file("$site->{dir}/snap.aof", "REDIS0011\0\1\2");
($rc, $said) = mend("$site->{dir}/snap.aof");
is $rc, 0, 'one with a snapshot in front';
like $said, qr/not looked into/, 'is left to Redis';

$site->start_redis;

end();

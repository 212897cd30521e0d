use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

use Digest::SHA qw(sha1_hex);

# What was done to the journal behind everyone's back.

my $site = site();
my $event = $site->event;
my $web = $site->browser;

$site->check_in($site->browser, $event, "居民$_", $site->phone($_))
    for 1 .. 12;

my $key = $site->key('journal');

# the next checkpoint is a minute away: none may sign what is forged below

$site->until(70, sub { -s "$site->{dir}/checkpoints" });

my $head = $site->redis->call('GET', $site->key('head'));
my @good = @{$site->redis->call('XRANGE', $key, '-', '+')};
my $count = @good;


sub audit {
    my (@options) = @_;

    my ($rc, $said) = $site->tool('audit', @options);

    return ($rc, $said);
}


# Puts the journal back as the entries given: [id, [field, value...]].

sub restore {
    my ($to, @entries) = @_;

    my $redis = $site->redis;

    $redis->call('DEL', $key);
    $redis->call('XADD', $key, $_->[0], @{$_->[1]}) for @entries;
    $redis->call('SET', $site->key('head'), $to);

    return;
}


sub copy {
    return map { [$_->[0], [@{$_->[1]}]] } @good;
}


# A word of an entry, or its effects; another value in its place.

my %WORD = (hash => 0, number => 1, ms => 2, verb => 3, actor => 4,
            sealed => 5, digest => 6, replies => 7);

sub field {
    my ($entry, $name, $value) = @_;

    my %f = @{$entry->[1]};
    my @words = split / /, $f{w};

    if (defined $value) {
        if ($name eq 'effects') {
            $f{e} = $value;
        } else {
            $words[$WORD{$name}] = $value;
        }
        $entry->[1] = [w => "@words", e => $f{e}];
    }

    return $name eq 'effects' ? $f{e} : $words[$WORD{$name}];
}


# Makes the hashes fit again from one entry on: who can write to Redis can
# do that.

sub rechain {
    my ($from, @entries) = @_;

    my $prev = $from == 0 ? '0' x 40 : field($entries[$from - 1], 'hash');

    for my $e (@entries[$from .. $#entries]) {
        field($e, 'digest', sha1_hex(field($e, 'effects')));
        my %f = @{$e->[1]};
        $prev = sha1_hex($f{w} =~ s/^\S+/$prev/r);
        field($e, 'hash', $prev);
    }

    return (field($entries[-1], 'number') . " $prev", @entries);
}


my ($rc, $said) = audit();

is $rc, 0, 'a journal nobody touched is whole';
like $said, qr/\b$count\b/, 'and its entries are counted';

my ($same) = rechain(0, copy());

is $same, $head, 'the chain is as docs describe it';


# ---- changed, dropped, swapped, added

sub found {
    my ($name, $number, $to, @entries) = @_;

    restore($to, @entries);
    my ($rc, $said) = audit();

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is $rc, 1, $name;

    return like $said, $number, 'names the place';
}


my $at = int $count / 2;
my $number = field($good[$at], 'number');
my $next = $number + 1;

for my $case (['verb', 'attend.out'], ['actor', 'staff:evil'], ['ms', '1'],
              ['effects', 'x'], ['replies', 'x'], ['hash', 'f' x 40],
              ['sealed', 'f' x 40], ['digest', 'f' x 40])
{
    my ($field, $value) = @$case;
    my @e = copy();

    field($e[$at], $field, $value);
    found("the field $field of an entry was changed",
          qr/entr(?:y|ies) $number\b/, $head, @e);
}

{
    my @e = copy();
    field($e[$at], 'effects', 'x');
    field($e[$at], 'digest', sha1_hex('x'));
    found('effects and their digest were changed', qr/\b$number\b/, $head, @e);

    @e = copy();
    splice @e, $at, 1;
    found('an entry was dropped', qr/\b$number\b/, $head, @e);

    @e = copy();
    splice @e, $at, 3;
    found('three were dropped', qr/\b$number-@{[$number + 2]}\b/, $head, @e);

    @e = copy();
    @e[$at, $at + 1] = ([$e[$at][0], $e[$at + 1][1]],
                        [$e[$at + 1][0], $e[$at][1]]);
    found('two were swapped', qr/\b(?:$number|$next)\b/, $head, @e);

    @e = copy();
    my ($ms, $seq) = split /-/, $e[$at][0];
    splice @e, $at + 1, 0, ["$ms-" . ($seq + 1), [@{$e[$at][1]}]];
    found('one is there twice', qr/\b$number\b/, $head, @e)
        if $e[$at + 2][0] ne "$ms-" . ($seq + 1);

    @e = copy();
    pop @e;
    found('the last one was dropped', qr/\b$count\b/, $head, @e);

    @e = copy();
    shift @e;
    restore($head, @e);
    my ($rc, $said) = audit();
    like $said, qr/begins at 2\b/, 'what came before is not here: it says so';

    @e = copy();
    $e[$at][1] = [a => 1];
    found('one is no entry of ours', qr/\Q$e[$at][0]\E/, $head, @e);

    found('the head is another', qr/head/, "$count " . 'a' x 40, copy());
    found('the head is damaged', qr/head/, 'x', copy());
}


# ---- rewritten from some place on, hashes and all

restore($head, copy());

my $points = "$site->{dir}/checkpoints";

ok $site->until(70, sub { -s $points }), 'a checkpoint is written';
$web->post('api/orders', json => {
    course => 'law-01', unit => 'wenyilu', head_count => 1, note => '',
    wanted => [substr Wenming::Site::iso(time + 864000), 0, 10],
    contact_name => '甲', phone => $site->phone(1) });
my $size = -s $points;
$site->reload;
ok $site->until(70, sub { -s $points > $size }),
   'another one after a reload, with the journal grown';

@good = @{$site->redis->call('XRANGE', $key, '-', '+')};
$head = $site->redis->call('GET', $site->key('head'));

($rc, $said) = audit('--checkpoints', $points);
is $rc, 0, 'they hold' or diag $said;
like $said, qr/2 checkpoints? hold/, 'both of them';

my @e = copy();
my ($point) = (split ' ', (split /\n/, Wenming::Site::read_file($points))[-1])
              [2];

field($e[$at], 'actor', 'staff:evil');
my ($new, @rewritten) = rechain($at, @e);
restore($new, @rewritten);

($rc) = audit();
is $rc, 0, 'rewritten with all its hashes, the journal alone looks whole';
($rc, $said) = audit('--checkpoints', $points);
is $rc, 1, 'the checkpoints say that it is not';
like $said, qr/\b$point\b/, 'and name the place';

@e = copy();
pop @e;
restore(field($e[-1], 'number') . ' ' . field($e[-1], 'hash'), @e);
($rc) = audit();
is $rc, 0, 'cut off at the end with its head, the journal alone looks whole';
($rc, $said) = audit('--checkpoints', $points);
is $rc, 1, 'the checkpoints know of more';

restore($head, copy());

my $text = Wenming::Site::read_file($points);
(my $forged = $text) =~ s/([0-9A-F])$/$1 eq 'A' ? 'B' : 'A'/me;

Wenming::Site::write_file("$site->{dir}/forged", $forged);
($rc, $said) = audit('--checkpoints', "$site->{dir}/forged");
is $rc, 1, 'a forged checkpoint';
like $said, qr/forged:1\b/, 'is named by its line';
Wenming::Site::write_file("$site->{dir}/forged", $text . "rubbish\n");
($rc, $said) = audit('--checkpoints', "$site->{dir}/forged");
is $rc, 1, 'a damaged one too';
like $said, qr/forged:3\b/, 'by its line';
($rc) = audit('--checkpoints', "$site->{dir}/not-there");
isnt $rc, 0, 'checkpoints that are not there are no good ones';


# ---- what the journal says of a person is noise without the key

($rc, $said) = $site->tool('journal');
is $rc, 0, 'the journal can be printed';
like $said, qr/attend\.in/, 'with its verbs';

my ($name) = '居民1';
utf8::encode($name);
ok index($said, $name) < 0 && $said !~ /139\d{8}/, 'and nobody is named';

end();

#!/usr/bin/perl
# What a stranger may not do too often, and what that must not do to others.

use IO::Select;
use IO::Socket::INET;

use Wenming::Test;

my $site = site(server => ['set_real_ip_from 127.0.0.1;',
                           'real_ip_header X-From;']);
my $web = $site->browser;


# ---- passwords

$site->staff(unit => $_) for qw(furong wenyilu);
my ($name, $password) = ('worker-furong', $site->{staff}{'worker-furong'});
my @wrong = Wenming::Http::at_once(map {
    [$site->browser, 'POST', 'api/staff/session', json => { name => $name,
                                            password => "wrong-$_" }]
} 1 .. 25);
my %n;
$n{$_->{status}}++ for @wrong;
is $n{401}, 20, 'twenty guesses at once are answered';
is $n{429}, 5, 'and no more';
problem($web->post('api/staff/session',
                   json => { name => $name, password => $password }), 429,
        'try_later', undef, 'nor the right one from there');

my $other = 'worker-wenyilu';
for (1 .. 12) {
    my $r = $web->post('api/staff/session', json => {
        name => $other, password => $site->{staff}{$other} });
    is $r->{status}, 200, "somebody else signs in, time $_" or last;
}


# ---- one who has names without end

sub guess {
    my ($from, $name) = @_;

    return [$site->browser, 'POST', 'api/staff/session',
            headers => { 'X-From' => $from },
            json => { name => $name, password => 'wrong' }];
}

sub flood {                             # many on each connection
    my ($from, $n, $batch) = (@_, 200);

    my %n;

    for my $first (map { $batch * $_ } 0 .. $n / $batch - 1) {
        my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$site->{port}")
            or die "connect: $!";

        print $s map {
            my ($browser, $method, $path, %o) = @{guess($from, "nobody-$_")};
            $o{headers}{Connection} = 'keep-alive' if $_ < $first + $batch;
            $browser->bytes_of($method, $path, %o);
        } $first + 1 .. $first + $batch;

        my $all = join '', <$s>;
        $n{$1}++ while $all =~ m{^HTTP/1\.1 (\d+)}mg;
    }

    return \%n;
}

# How many are refused as too many; they need not wait for a hash, and
# nobody waits for the others once there are so many.

sub refused {
    my ($enough, @guesses) = @_;

    my @open = map {
        my ($browser, $method, $path, %o) = @$_;
        my $s = $browser->open;
        print $s $browser->bytes_of($method, $path, %o);
        $s;
    } @guesses;
    my $waiting = IO::Select->new(@open);
    my $n = 0;

    while ($n < $enough && (my @ready = $waiting->can_read(10))) {
        for my $s (@ready) {
            sysread $s, my $answer, 65536;
            $n++ if $answer =~ m{^HTTP/1\.1 429};
            $waiting->remove($s);
        }
    }

    return $n;
}

is refused(10, map { guess("2001:db8:0:1::$_", "name-$_") } 1 .. 110), 10,
   'a hundred guesses of a network, then no more';
is_deeply flood('2001:db8:0:1:ffff::1', 20_000), { 429 => 20_000 },
   'twenty thousand names are refused, from wherever in it';
problem($web->post('api/staff/session',
                   json => { name => $name, password => $password }), 429,
        'try_later', undef, 'and what was counted before stays counted');

is refused(1, map { guess('::ffff:192.0.2.1', 'name-1') } 1 .. 21), 1,
   'IPv4 written as IPv6';
isnt $_->{status}, 429, 'a neighbour is free to try'
    for Wenming::Http::at_once(guess('2001:db8:0:2::1', 'name-1'),
                               guess('::ffff:192.0.2.2', 'name-1'),
                               guess('192.0.2.1', 'name-1'));


# ---- orders

my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my $greedy = $site->browser;
$greedy->get('course/law-01');          # a cookie, to be known again by
my @status = map {
    $greedy->post('api/orders', json => {
        course => 'law-01', unit => 'wenyilu', wanted => [$day],
        head_count => 1, contact_name => "示例$_", phone => $site->phone($_)
    })->{status}
} 1 .. 602;
is scalar grep({ $_ == 201 } @status), 600, 'many orders from a device';
is $status[-1], 429, 'then it has to wait';
is scalar @{$greedy->get('api/me/orders')->json->{items}}, 200,
   'and sees the newest of them';


# ---- errors of fragments stay small

$site->stop_redis('KILL');
my $r = $web->get('fragment/menu');
is $r->{status}, 503, 'a fragment without Redis';
unlike $r->{body}, qr/<html|stylesheet/, 'is no page';
unlike $r->{body}, qr/[^\x00-\x7f]/, 'and still ASCII';


# ---- a Redis that refuses us

$site->start_redis('requirepass something');
sleep 3;
my @lines = grep { /refuses|is back|is away/ } split /\n/, $site->error_log;
cmp_ok scalar @lines, '<=', 8, 'is not complained of all the time'
    or diag(@lines);
is scalar grep({ /is back/ } @lines), 0, 'and never said to be back';
is $web->get('api/menu')->{status}, 503, 'nothing is read from it';

end();

#!/usr/bin/perl
# What a stranger may not do too often, and what that must not do to others.

use Wenming::Test;

my $site = site();
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


# ---- orders

my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my $greedy = $site->browser;
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

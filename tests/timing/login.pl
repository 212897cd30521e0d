#!/usr/bin/perl
# Whether the time of an answer to a sign-in tells that a worker exists: wrong
# passwords of one who does and of one who does not, by lot, one at a time.
#
#     login.pl [how many]
#
# Exit code 1 when Welch's t is beyond 10.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../../t/lib";

use Time::HiRes qw(time);
use Wenming::Site;

my $n = $ARGV[0] || 400;
my $site = Wenming::Site->start(workers => 1, server => [
    'set_real_ip_from 127.0.0.1;', 'real_ip_header X-From;']);

$site->staff(name => 'worker-there');

my @times = ([], []);

for my $i (1 .. $n) {
    my $class = int rand 2;
    my $browser = $site->browser;
    my $began = time;
    my $r = $browser->post('api/staff/session', json => {
        name => (qw(worker-there worker-never))[$class],
        password => 'wrong-password' },
        headers => { 'X-From' => sprintf '10.%d.%d.1', $i / 200, $i % 200 });
    my $took = time - $began;

    die "$r->{status} $r->{body}\n" if $r->{status} != 401;
    push @{$times[$class]}, $took;
}

# without the slowest tenth: other programs

sub part {
    my ($all) = @_;

    my @sorted = sort { $a <=> $b } @$all;
    splice @sorted, int(@sorted * 0.9);
    my ($sum, $square) = (0, 0);
    $sum += $_ for @sorted;
    my $mean = $sum / @sorted;
    $square += ($_ - $mean) ** 2 for @sorted;

    return ($mean, $square / (@sorted - 1) / @sorted);
}

my ($m0, $v0) = part($times[0]);
my ($m1, $v1) = part($times[1]);
my $t = abs($m0 - $m1) / sqrt($v0 + $v1);

printf "login    t = %8.2f  %s (%.1f ms, %.1f ms; %d times)\n", $t,
       $t > 10 ? 'can be told' : 'cannot be told', $m0 * 1000, $m1 * 1000, $n;

exit($t > 10);

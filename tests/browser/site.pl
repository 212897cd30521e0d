#!/usr/bin/perl
# A site for a walk, with what the people in it need; see run.

use FindBin;
use lib "$FindBin::Bin/../../t/lib";
use Wenming::Test;

use JSON::PP ();

my ($walk, $pictures) = @ARGV;

# packed as the guide has it: what is measured is what comes over the line

my $site = site(http => ['gzip on;', 'gzip_min_length 500;'],
                location => ['gzip_static on;']);
my $worker = $site->staff(unit => 'wenyilu', name => 'zhuangan');
my $event = $site->event(title => '健康讲座', capacity => 30);
my $soon = $site->event(title => '周末插花课', capacity => 1,
                        start => Wenming::Site::iso(time + 3 * 86400),
                        end => Wenming::Site::iso(time + 3 * 86400 + 5400));

$ENV{WENMING_PICTURES} = $pictures // '';
$ENV{WENMING_SITE} = JSON::PP->new->encode({
    url => $site->public_url, event => $event, soon => $soon,
    worker => 'zhuangan', password => $site->{staff}{zhuangan},
    admin => 'worker-furong', admin_password => $site->{staff}{'worker-furong'}
});

my $rc = system 'node', "$FindBin::Bin/kit.js", $walk;
my @faults = $site->faults;

print "$walk: faults in the logs\n@faults\n" if @faults;
exit($rc || @faults ? 1 : 0);

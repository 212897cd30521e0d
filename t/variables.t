#!/usr/bin/perl
# What access logs can say of a request.

use Wenming::Test;

my $site = site(http => [
    q{log_format wm '$status $wenming_verdict [$wenming_event] }
    . q{[$wenming_commit_time]';}], server => []);
my $log = "$site->{dir}/wm.log";
$site->{http} = [@{$site->{http}}, "access_log $log wm;"];
$site->reload;

my $web = $site->browser;
my $event = $site->event;
my $r = $site->check_in($web, $event, '张示例', $site->phone(1));
is $r->{status}, 201, 'a check-in';
$web->get('c/nonsense');
$web->get('menu');

my @lines;
ok $site->until(5, sub {
    @lines = split /\n/, Wenming::Site::read_file($log);
    grep { /^201 created/ } @lines and grep { /^403/ } @lines;
}), 'they are logged' or diag(@lines);

ok scalar(grep { /^201 created \[$event\] \[\d+\.\d{3}\]$/ } @lines),
   'verdict, event and the time of the commit';
ok scalar(grep { /^403 code_invalid \[-?\] \[-?\]$/ } @lines),
   'a bad code has neither';
ok scalar(grep { /^200 ok \[-?\] \[-?\]$/ } @lines), 'nor has the menu';

end();

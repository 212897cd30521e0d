use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Lists as spreadsheets read them: filters hold, formulas do not, and who may
# not see somebody on the page does not find him in a file.

my $site = site();
my $worker = $site->worker;
my $web = $site->browser;
my $iso = \&Wenming::Site::iso;
my $day = substr $iso->(time + 20 * 86400), 0, 10;


sub order {
    my ($name, $n, %o) = @_;

    my $r = $web->post('api/orders', json => {
        course => 'law-01', unit => 'wenyilu-1', head_count => 30,
        wanted => [$day], contact_name => $name, phone => $site->phone($n),
        %o });

    is $r->{status}, 201, "ordered by $name";

    return $r->json->{id};
}


# RFC 4180 with every cell quoted

sub sheet {
    my ($browser, $path, $name) = @_;

    my $r = $browser->get($path);

    is $r->{status}, 200, $name;
    like $r->type, qr{^text/csv; ?charset=utf-8}i, "$name: CSV";
    is substr($r->{body}, 0, 3), "\xef\xbb\xbf", "$name: marked for Excel";
    like $r->header('content-disposition'), qr/^attachment; ?filename/,
         "$name: to be saved";
    like $r->header('cache-control'), qr/no-store/, "$name: kept nowhere";
    unlike $r->{body}, qr/(?<!\r)\n/, "$name: CR LF";

    my ($head, @lines) = split /\r\n/, $r->text =~ s/^\x{feff}//r;
    my @names = split /,/, $head;
    my @rows = map { [map { s/""/"/gr } /"((?:[^"]|"")*)"/g] } @lines;

    ok !(grep { @$_ != @names } @rows), "$name: as wide as its head";

    return map { my $row = $_;
                 +{ map { $names[$_] => $row->[$_] } 0 .. $#names } } @rows;
}


my $first = order('=1+2', 1);
my $second = order('@SUM(A1)', 2, unit => 'chaoyangjie-1');
my $third = order('居民"三"', 3);

$worker->post("api/staff/orders/$third/reject", json => {
    reason => '已停开' });

my @rows = sheet($worker, 'api/staff/orders.csv', 'orders');

is scalar(@rows), 3, 'all orders';
is join(' ', sort map { $_->{状态} } @rows), '不予受理 已提交 已提交',
   'with their states';
is scalar(grep { grep { /^[=+\-@\t]/ } values %$_ } @rows), 0,
   'no cell begins as a formula does';
is scalar(grep { $_->{联系人} =~ /=1\+2/ } @rows), 1, 'but can be read';
is scalar(grep { $_->{联系人} eq '居民"三"' } @rows), 1, 'quotes, too';
is join(' ', map { $_->{期望日期} =~ s/^'//r } @rows), "$day $day $day",
   'the days that were asked for';

@rows = sheet($worker, 'api/staff/orders.csv?status=rejected', 'filtered');
is scalar(@rows), 1, 'by state';
@rows = sheet($worker, 'api/staff/orders.csv?unit=chaoyangjie', 'of a unit');
is scalar(@rows), 1, 'and all below it';
is $rows[0]{点单单位}, '朝阳街街道示例社区一新时代文明实践站', 'by its name';
@rows = sheet($worker, 'api/staff/orders.csv?from=2020-01-01&to=2020-12-31',
              'of another time');
is scalar(@rows), 0, 'nothing then, but a head';

# the page leads to a file with its own filters

my $page = $worker->get('staff/orders?status=rejected&unit=wenyilu');
my ($link) = Wenming::Answer::unescape($page->text)
             =~ m{href="/wenming/(api/staff/orders\.csv[^"]*)"};

like $link, qr/status=rejected/, 'the page leads to its file';
@rows = sheet($worker, $link, 'by the link');
is scalar(@rows), 1, 'with the filters of the page';

# not for everybody

my $street = $site->staff(unit => 'wenyilu');

is scalar(sheet($street, 'api/staff/orders.csv', 'a street')), 2,
   'a street has its own';
problem($street->get('api/staff/orders.csv?unit=chaoyangjie'), 404,
        'not_found', undef, 'and no other');

my $lead = $site->staff(role => 'lead', team => 'corps');

problem($lead->get('api/staff/orders.csv'), 403, 'forbidden', undef,
        'who only teaches takes no list of people along');
unlike $lead->get('staff/orders')->text, qr/orders\.csv/,
       'nor is led to one';
problem($web->get("api/staff/$_.csv"), 401, 'sign_in', undef, "$_: nor anyone")
    for qw(orders events);

# events

my $event = $site->event(title => '=HYPERLINK("http://x.example")',
                         unit => 'wenyilu-1');
my $draft = $site->event(draft => 1, title => '草稿一份');

$worker->post("api/staff/events/$event/attendance", json => {
    name => '张奶奶' });
@rows = grep { $_->{活动号} =~ /^'?(?:$event|$draft)$/ }
        sheet($worker, 'api/staff/events.csv', 'events');
is scalar(@rows), 2, 'published and not';

my ($held) = grep { $_->{状态} eq '已发布' } @rows;

is $held->{签到人数}, 1, 'with how many came';
like $held->{活动}, qr/^.=HYPERLINK/, 'a title is no formula either';
is scalar(grep { $_->{状态} ne '草稿' }
          sheet($worker, 'api/staff/events.csv?status=draft', 'drafts')), 0,
   'filtered as the page is';

my ($events) = Wenming::Answer::unescape($worker->get(
    'staff/events?status=draft')->text) =~ m{href="/wenming/(api/staff/events\.csv[^"]*)"};

is $events, 'api/staff/events.csv?status=draft', 'which leads to the file';

# more than a file holds: in parts, and said

{
    my $text = $worker->get('api/staff/events.csv?limit=1')->text;

    is scalar(() = $text =~ /\r\n/g), 3, 'a head, a row';
    like $text, qr/^"后面还有[^"]+"\r$/m, 'and one that says there is more';
}

end();

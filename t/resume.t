use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Signing in leads on to what was wanted, and gives back what was typed into a
# form when the session had ended.

my $site = site();
my $redis = $site->redis;
my $north = $site->staff(unit => 'wenyilu', name => 'north');
my $event = $site->event;

$site->staff(unit => 'wenyilu', name => 'other');
$site->staff(unit => 'wenyilu', role => 'lead', team => 'lecturers',
             name => 'lead');


# Ends all sessions, as half an hour of nothing does.

sub session_over {
    $redis->call('DEL', $_) for @{$redis->call('KEYS', '*session:*')};
}


sub unescape { return Wenming::Answer::unescape(@_) }


# A path below the public address that an answer sends to.

sub led {
    my ($r) = @_;

    my $public = $site->public_url;
    my ($path) = ($r->header('location') // '') =~ m{^\Q$public\E/(.*)};

    return $path // "no way: $r->{status}";
}


sub sign_in {
    my ($browser, $page, $name, %change) = @_;

    return $site->send_form($browser, $page, {
        name => $name, password => $site->{staff}{$name}, %change },
        qr/login$/);
}


# ---- a page that was wanted

my $web = $site->browser;
my $r = $web->get("staff/events/$event/roster?limit=5");
my $login = led($r);

is $r->{status}, 303, 'nobody sees the roster';
is $login, "staff/login?next=staff%2Fevents%2F$event%2Froster%3Flimit%3D5",
   'but is asked to sign in, for it';

my $page = $web->get($login);

$r = sign_in($web, $page, 'north', password => 'wrong');
page($r, 401, ['密码'], 'a wrong password');
$r = sign_in($web, $r, 'north');
is $r->{status}, 303, 'then the right one';
is led($r), "staff/events/$event/roster?limit=5", 'leads to what was wanted';
is $web->get(led($r))->{status}, 200, 'which is there';

is led($site->browser->get('staff/')), 'staff/login', 'the first page is no detour';

for my $bad ('https://evil.example/', '//evil.example/', 'staff//evil',
             'menu', '../menu', 'staff/../menu', 'staff/login',
             "staff/x\r\nSet-Cookie: a=b", 'staff/x"><b>', '/staff/orders',
             'staff/' . 'x' x 500)
{
    my $b = $site->browser;

    $page = $b->get('staff/login', query => { next => $bad });
    unlike $page->text, qr/"><b>/, 'no markup comes back';

    $r = sign_in($b, $page, 'north');
    is led($r), 'staff/', 'an address that is none of the desk leads nowhere';
    unlike $r->header('set-cookie') // '', qr/a=b/, 'nor into headers';
}

$r = sign_in($site->browser, $site->browser->get('staff/login?next=staff/'),
             'lead');
is led($r), 'staff/orders', 'a team is led to its orders';


# ---- a form that was being filled in

my %typed = (title => '写了半天的活动 & "讲座"', place => '二楼',
             unit => 'wenyilu-1', audience => '居民',
             content => "第一行\r\n第二行 <b>粗</b> +%41",
             start => '2030-01-02T09:00');

$web = $site->staff(unit => 'wenyilu', name => 'north');
$page = $web->get('staff/events/new');
session_over();

my $before = $site->journal_length;

$r = $site->send_form($web, $page, \%typed, qr{staff/events$});
page($r, 401, ['登录已超时', '您刚才填的内容还在'],
     'a form that comes too late is answered with the page to sign in');
is $site->journal_length, $before, 'nothing was done';
unlike $r->text, qr/<b>/, 'and what was typed is no markup';

my ($form) = grep { $_->{action} =~ /login$/ } $r->forms;

unlike $form->{hidden}{kept}, qr/(?:^|&)(?:form|key)=/,
       'neither its key nor its proof are carried on';

$r = sign_in($web, $r, 'north', password => 'wrong');
page($r, 401, ['密码'], 'mistyping the password loses nothing');

$r = sign_in($web, $r, 'north');
page($r, 200, ['已登录', '写了半天的活动', '二楼', '第二行 <b>粗</b> +%41',
               '2030-01-02T09:00'], 'who signs in finds the form as it was');
is $site->journal_length, $before + 1, 'but only the session is new';

$r = $site->send_form($web, $r, { map { ($_ => $typed{$_}) }
                                  grep { $_ ne 'unit' } keys %typed },
                      qr{staff/events$});
is $r->{status}, 303, 'it can be sent at once';
like led($r), qr{^staff/events/\d+$}, 'and is an event now';

my $made = $web->get('api/' . led($r))->json;

is $made->{title}, $typed{title}, 'with the title';
is $made->{content} =~ s/\r//gr, "第一行\n第二行 <b>粗</b> +%41", 'and all the words';


# ---- a name typed at the door

session_over();
$page = $north->get('staff/login');
$web = $site->staff(unit => 'wenyilu', name => 'north');
$page = $web->get("staff/events/$event/roster");
session_over();
$r = $site->send_form($web, $page, { name => '没带手机的老人',
                                     phone => $site->phone(7) },
                      qr/attendance$/);
$r = sign_in($web, $r, 'north');
page($r, 200, ['没带手机的老人', '已登录'], 'is there again');
$r = $site->send_form($web, $r, { name => '没带手机的老人' }, qr/attendance$/);
is $r->{status}, 201, 'and counts when it is sent';

# somebody else does not get to see it

$page = $web->get("staff/events/$event/roster");
session_over();
$r = $site->send_form($web, $page, { name => '另一位老人' }, qr/attendance$/);
$r = sign_in($web, $r, 'other');
is led($r), "staff/events/$event",
   'who signs in as another gets the page, not what was typed';


# ---- a button

$web = $site->staff(unit => 'wenyilu', name => 'north');
$page = $web->get("staff/events/$event");
session_over();
$r = $site->send_form($web, $page, {}, qr/cancel$/);
page($r, 401, ['登录已超时'], 'a button that comes too late');
unlike Wenming::Answer::unescape($r->text), qr/您刚才填的内容/,
       'had nothing typed';
$r = sign_in($web, $r, 'north');
is led($r), "staff/events/$event", 'leads back to its page';
is $web->get("api/staff/events/$event")->json->{status}, 'published',
   'and has done nothing';


# ---- not from elsewhere

for my $header ({ 'Sec-Fetch-Site' => 'cross-site' },
                { Origin => 'https://evil.example' })
{
    $r = $site->browser->post('staff/events', headers => $header,
                              body => 'title=%E6%81%B6', type =>
                              'application/x-www-form-urlencoded');
    is $r->{status}, 401, 'a form of another site';
    unlike $r->text, qr/%E6%81%B6|恶意/, 'is not carried on';
}

problem($site->browser->post('api/staff/events', json => { title => 'x' }),
        401, 'sign_in', undef, 'a program is told so as before');

unlike Wenming::Site::read_file("$site->{dir}/access.log"),
       qr/%E6%B2%A1|kept=/, 'nothing that was typed is in a log';

end();

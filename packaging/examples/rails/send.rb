#!/usr/bin/env ruby
# SPDX-License-Identifier: BSD-2-Clause
# Rails (ActionMailer, the gem mail): what goes wrong, and the cure at the source.
#
#     send.rb broken|cured
#
# Each message goes to NAME@example.net, to the server in MAIL_HOST and MAIL_PORT.

require 'json'
require 'action_mailer'

# What a mail service wants to know, for each of many recipients.
ORDERS = (1..60).map { |n| { 'order' => 4700 + n, 'customer' => "c#{n}" } }

class ShopMailer < ActionMailer::Base
  default from: 'shop@example.com', subject: 'Ihre Bestellung für März'

  # The gem takes the id as it is given: this one has no < >.
  def message_id_broken
    headers['Message-ID'] = "order-4711@example.com"
    mail(to: 'message-id@example.net', body: "Grüße aus Köln\n")
  end

  def message_id_cured
    headers['Message-ID'] = "<order-4711.#{SecureRandom.uuid}@example.com>"
    mail(to: 'message-id@example.net', body: "Grüße aus Köln\n")
  end

  # JSON has no blank, so that the field cannot be folded: one line of any length.
  def json_header_broken
    headers['X-Orders'] = JSON.generate(ORDERS)
    mail(to: 'json-header@example.net', body: "Grüße aus Köln\n")
  end

  # With blanks between its tokens the gem folds it.
  def json_header_cured
    headers['X-Orders'] = JSON.generate(ORDERS, space: ' ', object_nl: ' ', array_nl: ' ')
    mail(to: 'json-header@example.net', body: "Grüße aus Köln\n")
  end
end

abort 'send.rb broken|cured' unless [['broken'], ['cured']].include?(ARGV)
ActionMailer::Base.logger = nil
ActionMailer::Base.delivery_method = :smtp
ActionMailer::Base.smtp_settings = { address: ENV.fetch('MAIL_HOST'), port: ENV.fetch('MAIL_PORT') }
%w[message_id json_header].each { |name| ShopMailer.public_send("#{name}_#{ARGV[0]}").deliver_now }
